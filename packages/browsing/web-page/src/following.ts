import { createBasicFetcher, type Dataset, type Fetcher, useDataContext } from "@h5web/app";
import { useEffect, useRef } from "react";

interface Request {
  url: string;
  params: Record<string, string>;
}

/** How many arrays are read again when points were acquired: those that a plot shows were asked for last. */
const MOST_ARRAYS = 12;

/**
 * What the viewer asked for, and how to ask for it again.
 *
 * The viewer keeps every answer. Emptying its stores would blank the plot each time a point is acquired; so new
 * answers are fetched first, and then put in the place of the old ones in one go.
 */
export class Requests {
  /** What the page knows to be there; the server gives no answer that is older. */
  seen = "";
  private readonly asked = new Map<string, Request>();
  private readonly renewed = new Map<string, ArrayBuffer>();
  private readonly ask = createBasicFetcher();

  readonly fetcher: Fetcher = async (url, params, options) => {
    const key = `${url}?${new URLSearchParams(params)}`;
    this.asked.delete(key);
    this.asked.set(key, { url, params }); // the last asked comes last
    const known = this.renewed.get(key);
    return known ?? this.ask(url, { ...params, seen: this.seen }, options);
  };

  /** Paths of the nodes that the viewer knows. */
  paths(): string[] {
    return this.of("/meta").map(({ params }) => params.path);
  }

  /** The arrays that it showed last, and which part of them. */
  arrays(): Request["params"][] {
    return this.of("/data").slice(-MOST_ARRAYS).map(({ params }) => params);
  }

  /** Fetch what the viewer knows again; the viewer gets the new answers until `release`. */
  async renew(): Promise<void> {
    const wanted = [...this.of("/meta"), ...this.of("/data").slice(-MOST_ARRAYS)];
    const answers = await Promise.all(
      wanted.map(({ url, params }) => this.ask(url, { ...params, seen: this.seen })),
    );
    wanted.forEach(({ url, params }, place) => {
      this.renewed.set(`${url}?${new URLSearchParams(params)}`, answers[place]);
    });
  }

  release(): void {
    this.renewed.clear();
  }

  private of(ending: string): Request[] {
    return [...this.asked.values()].filter(({ url }) => url.endsWith(ending));
  }
}

/** Let the viewer show what is new whenever `version` changes; `show` draws it. */
export function Following({ requests, version, show }: { requests: Requests; version: string; show: () => void }) {
  const stores = useDataContext();
  const newest = useRef(version);
  const isBusy = useRef(false);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  useEffect(() => {
    if (requests.seen === version) return; // drawn again, and nothing is new
    const isFirst = requests.seen === "";
    requests.seen = newest.current = version;
    if (isFirst || isBusy.current) return;
    isBusy.current = true;
    void (async () => {
      let done = "";
      while (done !== newest.current && isHere.current) {
        const wanted = newest.current;
        try {
          await requests.renew();
          await replace(stores, requests);
          show();
          done = wanted;
        } catch {
          await pause(1000); // the file or the server is not to be had now
        }
        requests.release();
      }
      isBusy.current = false;
    })();
  }, [requests, version, stores, show]);
  return null;
}

type Stores = ReturnType<typeof useDataContext>;

async function replace({ entitiesStore, valuesStore }: Stores, requests: Requests): Promise<void> {
  for (const path of requests.paths()) {
    entitiesStore.evict(path);
    entitiesStore.prefetch(path);
  }
  await settled();
  for (const { path, selection } of requests.arrays()) {
    const wanted = { dataset: entitiesStore.get(path) as Dataset<never>, selection };
    valuesStore.evict(wanted);
    valuesStore.prefetch(wanted);
  }
  await settled();
}

/** Wait until what is there already has been handed on. */
const settled = () => pause(0);

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, milliseconds));
}
