/** Compares the built console with its budget (compressed kilobytes). Usage: node scripts/budget.mjs */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const budget = { "first page": 250, "sql editor": 140, "any other route": 60, styles: 40 };

if (!fs.existsSync(`${dist}index.html`)) {
  console.error("the console is not built: run npm run build");
  process.exit(2);
}
const files = fs.readdirSync(`${dist}assets`);
const size = (name) => gzipSync(fs.readFileSync(path.join(dist, "assets", name))).length / 1000;
const importsOf = (name) => {
  const text = fs.readFileSync(path.join(dist, "assets", name), "utf8");
  return [...text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)].map(([, file]) => file);
};
/** A file and all that it needs before it runs. */
const closure = (start, seen = new Set()) => {
  if (!seen.has(start)) {
    seen.add(start);
    for (const name of importsOf(start)) closure(name, seen);
  }
  return seen;
};
const sum = (names) => [...names].reduce((total, name) => total + size(name), 0);

const entry = /src="\/assets\/([\w.-]+\.js)"/.exec(fs.readFileSync(`${dist}index.html`, "utf8"))?.[1];
if (!entry) throw new Error("dist/index.html names no script");
const shell = closure(entry);
// The page that one lands on counts with the shell.
const landing = files.find((name) => name.startsWith("agents-page-"));
const firstPage = closure(landing, new Set(shell));
const isEditor = (name) => name.startsWith("sql-editor-");

const rows = [
  ["first page", sum(firstPage), budget["first page"]],
  ["sql editor", sum(files.filter(isEditor).filter((name) => name.endsWith(".js"))), budget["sql editor"]],
  ["styles", sum(files.filter((name) => name.endsWith(".css"))), budget.styles],
];
for (const page of files.filter((name) => /-page-[\w-]+\.js$/.test(name) && name !== landing)) {
  const own = [...closure(page)].filter((name) => !firstPage.has(name) && !isEditor(name));
  rows.push([page.replace(/-[\w-]{8}\.js$/, ""), sum(own), budget["any other route"]]);
}
let over = 0;
for (const [name, kilobytes, limit] of rows) {
  const bad = kilobytes > limit;
  if (bad) over++;
  console.log(`${name.padEnd(24)} ${kilobytes.toFixed(1).padStart(6)} of ${limit} KB${bad ? "  OVER" : ""}`);
}
process.exit(over ? 1 : 0);
