import { App, H5GroveProvider } from "@h5web/app";
import { useCallback, useMemo, useState } from "react";

import { HowFar } from "./HowFar";
import { LogLines, SettingsTables } from "./Texts";
import { Following, Requests } from "./following";
import { type Progress, useServer } from "./server";

const VIEWS = ["Data", "Settings", "Log"] as const;

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
        {progress && (
          <span className="scan">
            {!problem && <span className={`state ${progress.state}`}>{progress.state}</span>}
            <span className="title">{progress.title || progress.path}</span>
            {!problem && <HowFar progress={progress} />}
          </span>
        )}
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
        <Viewer name={name} progress={progress} />
      </section>
      {view === "Settings" && <SettingsTables name={name} />}
      {view === "Log" && <LogLines name={name} />}
    </main>
  );
}

/** h5web's viewer; what it shows is renewed when points were acquired. */
function Viewer({ name, progress }: { name: string; progress?: Progress | null }) {
  const requests = useMemo(() => new Requests(), [name]);
  const [, setShown] = useState(0);
  const show = useCallback(() => setShown((count) => count + 1), []);
  const version = progress ? `${progress.path} ${progress.acquired} ${progress.state}` : undefined;
  return (
    <H5GroveProvider
      url={`${window.location.origin}/api/h5grove`}
      filepath={name}
      fetcher={requests.fetcher}
    >
      {version !== undefined && <Following requests={requests} version={version} show={show} />}
      <App sidebarOpen={window.innerWidth > 700} />
    </H5GroveProvider>
  );
}
