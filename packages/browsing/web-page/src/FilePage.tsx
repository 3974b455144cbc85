import { App, H5GroveProvider, createBasicFetcher } from "@h5web/app";
import { startTransition, useEffect, useState } from "react";

import { LogLines, SettingsTables } from "./Texts";
import { type Progress, useServer } from "./server";
import { duration } from "./texts";

const VIEWS = ["Data", "Settings", "Log"] as const;
const fetcher = createBasicFetcher();

export function FilePage({ name }: { name: string }) {
  const [view, setView] = useState<(typeof VIEWS)[number]>("Data");
  const { value: progress, problem } = useServer<Progress | null>("progress", { file: name }, 1000);
  return (
    <main className="file">
      <header className="bar">
        <a href="#" aria-label="All files" title="All files">
          ‹
        </a>
        <h1 title={name}>{name.slice(name.lastIndexOf("/") + 1)}</h1>
        {progress && <HowFar progress={progress} />}
        <nav role="tablist">
          {VIEWS.map((each) => (
            <button key={each} role="tab" aria-selected={each === view} onClick={() => setView(each)}>
              {each}
            </button>
          ))}
        </nav>
      </header>
      {problem && <p role="alert">{problem}</p>}
      <section hidden={view !== "Data"} className="data">
        <Viewer name={name} acquired={progress?.acquired} />
      </section>
      {view === "Settings" && <SettingsTables name={name} />}
      {view === "Log" && <LogLines name={name} />}
    </main>
  );
}

/** h5web's viewer; it reads again what it shows when points were acquired. */
function Viewer({ name, acquired }: { name: string; acquired?: number }) {
  const [seen, setSeen] = useState(acquired);
  useEffect(() => startTransition(() => setSeen(acquired)), [acquired]);
  return (
    <H5GroveProvider url="/api/h5grove" filepath={name} fetcher={fetcher} resetKeys={[seen]}>
      <App sidebarOpen={window.innerWidth > 700} />
    </H5GroveProvider>
  );
}

function HowFar({ progress }: { progress: Progress }) {
  const { acquired, total, rate, left, state, title, path } = progress;
  const isRunning = state === "running";
  return (
    <div className="how-far" role="status">
      <span className={`state ${state}`}>{state}</span>
      <span className="title">{title || path}</span>
      {total !== null && <progress value={acquired} max={total} />}
      <span>
        {acquired.toLocaleString()}
        {total === null ? " rows" : ` of ${total.toLocaleString()} points`}
      </span>
      {isRunning && <span>{rate ? `${Number(rate.toPrecision(2))}/s` : "–/s"}</span>}
      {isRunning && left !== null && <span>{duration(left)} left</span>}
    </div>
  );
}
