/**
 * Writes src/lib/api/schema.d.ts from the API's description.
 * Usage: node scripts/types.mjs [openapi.json | http://…/openapi.json]; without an argument ui/openapi.json.
 */
import fs from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTypescript, { astToString } from "openapi-typescript";

const fallback = fileURLToPath(new URL("../openapi.json", import.meta.url));
const source = process.argv[2] ?? fallback;
const target = fileURLToPath(new URL("../src/lib/api/schema.d.ts", import.meta.url));
const url = /^https?:/.test(source) ? new URL(source) : pathToFileURL(source);
fs.writeFileSync(target, astToString(await openapiTypescript(url)));
console.log(`wrote ${target}`);
