import { useEffect, useState } from "react";

export type State = "running" | "finished" | "interrupted" | "incomplete" | "unreadable";

/** What the catalogue knows of a file: its last scan or log, and how many there are. */
export interface Contents {
  title: string;
  comment: string;
  scans: number;
  shape?: number[] | null;
  acquired?: number | null;
  total?: number | null;
  actuators?: string[];
  detectors?: string[];
}

export interface ServedFile {
  name: string;
  state: State;
  changed: number;
  bytes: number;
  contents: Contents | null;
}

export interface FileListing {
  files: ServedFile[];
  unread: number;
  problem: string;
}

export interface Progress {
  path: string;
  title: string;
  acquired: number;
  total: number | null;
  rate: number;
  left: number | null;
  state: State;
}

export interface Setting {
  path: string;
  depth: number;
  title: string;
  kind: string;
  value: string;
}

export interface ModuleSettings {
  path: string;
  settings: Setting[];
}

export interface Asked<T> {
  value?: T;
  problem?: string;
}

/** Ask the server, and again every so many milliseconds while the page is seen; never again where that is 0. */
export function useServer<T>(what: string, values: Record<string, string>, every = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({});
  const url = `/api/${what}?${new URLSearchParams(values)}`;
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      window.clearTimeout(timer);
      if (!document.hidden) {
        try {
          const response = await fetch(url, { signal: stop.signal });
          const told = await response.json();
          setAsked(response.ok ? { value: told as T } : (old) => ({ ...old, problem: told.message }));
        } catch {
          if (stop.signal.aborted) return;
          setAsked((old) => ({ ...old, problem: "The server does not answer." }));
        }
      }
      if (every) timer = window.setTimeout(ask, every);
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [url, every]);
  return asked;
}
