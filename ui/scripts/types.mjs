/**
 * Writes src/lib/api/schema.d.ts from the API's description, ui/openapi.json or the file named.
 * Get that from a running server: curl --cacert ca.pem -H "Authorization: Bearer TOKEN" https://HOST:8443/openapi.json
 * Usage: node scripts/types.mjs [openapi.json]
 */
import fs from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTypescript, { astToString } from "openapi-typescript";

const fallback = fileURLToPath(new URL("../openapi.json", import.meta.url));
const source = process.argv[2] ?? fallback;
const target = fileURLToPath(new URL("../src/lib/api/schema.d.ts", import.meta.url));
const note = "/** Written by scripts/types.mjs from the API's description; change it there. */\n\n";
fs.writeFileSync(target, note + astToString(await openapiTypescript(pathToFileURL(source))));
console.log(`wrote ${target}`);
