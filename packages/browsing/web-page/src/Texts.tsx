import { type ModuleSettings, useServer } from "./server";

export function SettingsTables({ name }: { name: string }) {
  const { value: modules, problem } = useServer<ModuleSettings[]>("settings", { file: name });
  return (
    <section className="texts">
      {problem && <p role="alert">{problem}</p>}
      {modules?.length === 0 && <p className="quiet">No settings in this file.</p>}
      {modules?.map(({ path, settings }) => (
        <table key={path}>
          <caption>{path}</caption>
          <tbody>
            {settings.map((each) => (
              <tr key={each.path} className={each.kind === "group" ? "group" : undefined}>
                <th style={{ paddingLeft: `${each.depth + 0.5}em` }}>{each.title}</th>
                <td>{each.value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  );
}

export function LogLines({ name }: { name: string }) {
  const { value: lines, problem } = useServer<string[]>("log", { file: name }, 2000);
  return (
    <section className="texts">
      {problem && <p role="alert">{problem}</p>}
      {lines?.length === 0 && <p className="quiet">The log is empty.</p>}
      <ol>
        {lines?.map((line, place) => (
          <li key={place}>{line}</li>
        ))}
      </ol>
    </section>
  );
}
