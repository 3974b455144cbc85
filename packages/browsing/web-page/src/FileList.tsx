import { useState } from "react";

import { type ServedFile, useServer } from "./server";
import { bytes, moment } from "./texts";

export function FileList() {
  const [search, setSearch] = useState("");
  const { value: files, problem } = useServer<ServedFile[]>("files", { search }, 2000);
  return (
    <main className="list">
      <header className="bar">
        <h1>h5modules</h1>
        <input
          type="search"
          placeholder="Search files"
          aria-label="Search files"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </header>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {files?.map((file) => (
          <li key={file.name}>
            <a href={`#${encodeURIComponent(file.name)}`}>
              <FileName name={file.name} />
              <span className={`state ${file.state}`}>{file.state}</span>
              <span className="quiet">{bytes(file.bytes)}</span>
              <span className="quiet">{moment(file.changed)}</span>
            </a>
          </li>
        ))}
      </ul>
      {files?.length === 0 && <p className="quiet">No files{search && " of that name"}.</p>}
    </main>
  );
}

function FileName({ name }: { name: string }) {
  const slash = name.lastIndexOf("/") + 1;
  return (
    <span className="name">
      <span className="quiet">{name.slice(0, slash)}</span>
      {name.slice(slash)}
    </span>
  );
}
