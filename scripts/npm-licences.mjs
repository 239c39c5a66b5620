// Checks the licence and integrity of every package in ui/package-lock.json.
// Usage: node scripts/npm-licences.mjs
import { readFileSync } from "node:fs";

const allowed = /^(MIT|MIT-0|BSD-2-Clause|BSD-3-Clause|ISC|Apache-2\.0|MPL-2\.0|0BSD|CC0-1\.0)$/;
// Further licences, each for the packages that have it and with the reason.
const exceptions = {
  "OFL-1.1": ["@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"], // fonts, shipped with their licence
  Unlicense: ["isbot"], // public domain
  "BlueOak-1.0.0": null, // permissive; any development tool
  "Python-2.0": ["argparse"], // development only
  "CC-BY-4.0": ["caniuse-lite"], // data, development only
};
const lock = JSON.parse(readFileSync(new URL("../ui/package-lock.json", import.meta.url), "utf8"));
const bad = [];
let count = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === "" || entry.link) continue;
  count++;
  if (!entry.integrity) bad.push(`${path}: no integrity`);
  const licence = String(entry.license ?? "").replace(/[()]/g, "");
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const passes = (one) => allowed.test(one) || (one in exceptions && (exceptions[one] === null ? Boolean(entry.dev) : exceptions[one].includes(name)));
  if (!licence.split(/ OR /).some((part) => part.split(/ AND /).every(passes))) bad.push(`${path}: licence ${licence || "unknown"}`);
}
if (bad.length > 0) {
  console.error(bad.join("\n"));
  process.exit(1);
}
console.log(`npm: ${count} packages, all with integrity and an allowed licence`);
