import { useEffect, useState } from "react";

import { LiveHowFar } from "./HowFar";
import { type Contents, type FileListing, type ServedFile, useServer } from "./server";
import { bytes, moment } from "./texts";

interface Search {
  search: string;
  setSearch: (text: string) => void;
}

export function FileList({ search, setSearch }: Search) {
  const { value: listing, problem } = useServer<FileListing>("files", { search: useSettled(search) }, 2000);
  return (
    <main className="list">
      <header className="bar">
        <h1>h5modules</h1>
        <input
          type="search"
          placeholder="Search names, titles, devices, settings (exposure>=0.1), logs"
          aria-label="Search files"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {listing && <span className="quiet">{count(listing)}</span>}
      </header>
      {(problem || listing?.problem) && <p role="alert">{problem ?? listing?.problem}</p>}
      <ul>
        {listing?.files.map((file) => (
          <FileRow key={file.name} file={file} />
        ))}
      </ul>
      {listing?.files.length === 0 && <p className="quiet">{search ? "Nothing found." : "No files."}</p>}
    </main>
  );
}

function count({ files, unread }: FileListing): string {
  const told = `${files.length.toLocaleString()} file${files.length === 1 ? "" : "s"}`;
  return unread ? `${told}, ${unread.toLocaleString()} to be read` : told;
}

/** A text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), 250);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}

function FileRow({ file }: { file: ServedFile }) {
  const { name, state, contents } = file;
  const slash = name.lastIndexOf("/") + 1;
  return (
    <li>
      <a href={`#${encodeURIComponent(name)}`}>
        <Thumbnail file={file} />
        <span className="what">
          <span className="name">
            <span className="quiet">{name.slice(0, slash)}</span>
            {name.slice(slash)}
          </span>
          {contents && <Told contents={contents} isRunning={state === "running"} />}
          {state === "running" && <LiveHowFar name={name} />}
        </span>
        <span className="facts quiet">
          <span className={`state ${state}`}>{state}</span>
          <span>{moment(file.changed)}</span>
          <span>{bytes(file.bytes)}</span>
        </span>
      </a>
    </li>
  );
}

function Told({ contents, isRunning }: { contents: Contents; isRunning: boolean }) {
  const { title, comment, scans, shape, acquired, total, actuators = [], detectors = [] } = contents;
  const isPart = !isRunning && total != null && acquired != null && acquired < total;
  const parts = [
    shape && shape.join(" × "),
    isPart && `${acquired.toLocaleString()} of ${total.toLocaleString()} points`,
    actuators.join(", "),
    detectors.join(", "),
    scans > 1 && `${scans} ${shape ? "scans" : "logs"}`,
  ];
  return (
    <>
      {title && <span className="title">{title}</span>}
      <span className="quiet">{parts.filter(Boolean).join("  ·  ")}</span>
      {comment && <span className="quiet comment">{comment}</span>}
    </>
  );
}

/** How old, in seconds, the picture of a file may be that is being written. */
const OLDEST = 10;

function Thumbnail({ file: { name, state, changed, contents } }: { file: ServedFile }) {
  const of = String(state === "running" ? Math.floor(changed / OLDEST) : changed);
  const [missing, setMissing] = useState("");
  const [shown, setShown] = useState("");
  const wanted = contents ? `/api/thumbnail?${new URLSearchParams({ file: name, of })}` : "";
  useEffect(() => {
    if (!wanted || missing === wanted) return;
    const picture = new Image();
    picture.onload = () => setShown(wanted);
    picture.onerror = () => setMissing(wanted);
    picture.src = wanted;
    return () => {
      picture.onload = picture.onerror = null;
    };
  }, [wanted, missing]);
  return <span className="thumbnail">{shown && <img src={shown} alt="" />}</span>;
}
