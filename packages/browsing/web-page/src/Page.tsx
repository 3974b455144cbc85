import { useEffect, useState } from "react";

import { FileList } from "./FileList";
import { FilePage } from "./FilePage";

/** The list of files, or the file that the address names behind its `#`. */
export function Page() {
  const [name, setName] = useState(named);
  const [search, setSearch] = useState(""); // kept while a file is looked at
  useEffect(() => {
    const change = () => setName(named());
    window.addEventListener("hashchange", change);
    return () => window.removeEventListener("hashchange", change);
  }, []);
  useEffect(() => {
    document.title = name ? `${name} – h5modules` : "h5modules";
  }, [name]);
  return name ? <FilePage key={name} name={name} /> : <FileList search={search} setSearch={setSearch} />;
}

function named(): string {
  try {
    return decodeURIComponent(window.location.hash.slice(1));
  } catch {
    return "";
  }
}
