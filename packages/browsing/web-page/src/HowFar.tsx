import { type Progress, useServer } from "./server";
import { duration } from "./texts";

/** How far the last scan of a file is. */
export function HowFar({ progress }: { progress: Progress }) {
  const { acquired, total, rate, left, state } = progress;
  const isRunning = state === "running";
  return (
    <span className="how-far" role="status">
      {total !== null && (
        <progress className={state} value={acquired} max={total} aria-label="Points acquired" />
      )}
      <span>
        {acquired.toLocaleString()}
        {total === null ? " rows" : ` of ${total.toLocaleString()} points`}
      </span>
      {isRunning && <span className="rate">{rate ? `${Number(rate.toPrecision(2))}/s` : "–/s"}</span>}
      {isRunning && left !== null && <span className="left">{duration(left)} left</span>}
    </span>
  );
}

/** The same of a file in the list, which asks for itself. */
export function LiveHowFar({ name }: { name: string }) {
  const { value: progress } = useServer<Progress | null>("progress", { file: name }, 1000);
  return progress ? <HowFar progress={progress} /> : null;
}
