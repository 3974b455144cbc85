import { useEffect, useState } from "react";

export type State = "running" | "finished" | "interrupted";

export interface ServedFile {
  name: string;
  state: State;
  changed: number;
  bytes: number;
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

/** Ask the server, and again every so many milliseconds; never again where that is 0. */
export function useServer<T>(what: string, values: Record<string, string>, every = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({});
  const url = `/api/${what}?${new URLSearchParams(values)}`;
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const response = await fetch(url, { signal: stop.signal });
        const told = await response.json();
        setAsked(response.ok ? { value: told as T } : (old) => ({ ...old, problem: told.message }));
      } catch (error) {
        if (stop.signal.aborted) return;
        setAsked((old) => ({ ...old, problem: "The server does not answer." }));
      }
      if (every) timer = window.setTimeout(ask, every);
    };
    setAsked({});
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [url, every]);
  return asked;
}
