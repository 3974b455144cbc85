// Writes what the built page was made of: name, version and licence of each package that its source map names, and
// the hash of the sources, so that a test can tell whether the page is theirs.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A text with the same ends of lines everywhere. */
const lines = (file) => readFileSync(file, "utf-8").replaceAll("\r\n", "\n");

const page = "../src/h5modules/browsing/web/page";
const assets = join(page, "assets");
const bundled = new Set();
for (const file of readdirSync(assets).filter((name) => name.endsWith(".map"))) {
  for (const source of JSON.parse(readFileSync(join(assets, file), "utf-8")).sources) {
    const at = source.lastIndexOf("node_modules/");
    if (at < 0) continue;
    const parts = source.slice(at + "node_modules/".length).split("/");
    const name = parts[0].startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
    bundled.add(name);
  }
  rmSync(join(assets, file));
}
// The viewer is a bundle itself, in which there are parts of what it needs.
const isThere = (name) => existsSync(join("node_modules", name, "package.json"));
const waiting = [...bundled].filter(isThere);
while (waiting.length) {
  const { dependencies = {} } = JSON.parse(readFileSync(join("node_modules", waiting.pop(), "package.json"), "utf-8"));
  for (const name of Object.keys(dependencies)) {
    if (bundled.has(name) || name.startsWith("@types/") || !isThere(name)) continue;
    bundled.add(name);
    waiting.push(name);
  }
}
const texts = [...bundled].filter(isThere).sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license, licenses } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const kind = license ?? licenses?.map((each) => each.type).join(" or ") ?? "see below";
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? lines(join(folder, file)).trim() : "(the package holds no text of its licence)";
  return `${name} ${version} (${kind})\n\n${text}\n`;
});
const head = "This page is built from packages/browsing/web-page. In it are these packages, or parts of them.\n";
writeFileSync(join(page, "LICENSES.txt"), [head, ...texts].join(`\n${"-".repeat(80)}\n\n`));

// The hash of each source and of each built file, in the order of their names; the test counts them in the same way.
const sources = [
  ...["index.html", "package-lock.json", "package.json", "provenance.mjs", "tsconfig.json", "vite.config.ts"],
  ...readdirSync("src").map((name) => `src/${name}`),
];
const built = ["index.html", "LICENSES.txt", ...readdirSync(assets).map((name) => `assets/${name}`)];
const hashes = (folder, names) =>
  Object.fromEntries(
    names.sort().map((name) => [name, createHash("sha256").update(lines(join(folder, name))).digest("hex")]),
  );
const told = { node: process.version, sources: hashes(".", sources), built: hashes(page, built) };
writeFileSync(join(page, "provenance.json"), `${JSON.stringify(told, null, 1)}\n`);
