import type { Completion } from "@codemirror/autocomplete";
import { SQLDialect, SQLite, type SQLNamespace } from "@codemirror/lang-sql";
import type { Table } from "@/lib/api/types";

/** Functions of the engine beyond SQLite's own that people look for. */
const functions = [
  "regex_match(text, pattern, index)",
  "regex_split(text, pattern, index)",
  "split(text, separators, index)",
  "concat(…)",
  "concat_ws(separator, …)",
  "inet_aton(address)",
  "in_cidr_block(block, address)",
  "to_base64(text)",
  "from_base64(text)",
  "sha256(text)",
  "sha1(text)",
  "md5(text)",
  "json_extract(json, path)",
  "json_each(json)",
  "version_compare(a, b)",
  "unixepoch()",
  "datetime(time, modifier)",
  "group_concat(value, separator)",
  "coalesce(a, b, …)",
  "substr(text, start, length)",
  "printf(format, …)",
];

/** SQLite's grammar; text in double quotes is a string for the engine, as it is for osquery. */
export const dialect = SQLDialect.define({ ...SQLite.spec, caseInsensitiveIdentifiers: true });

/** Tables and their columns for completion; the parser knows which aliases are in scope. */
export function schemaOf(tables: Table[]): SQLNamespace {
  return Object.fromEntries(
    tables.flatMap((table) =>
      [table.name, ...(table.aliases ?? [])].map((name) => [
        name,
        {
          self: {
            label: name,
            type: "class",
            detail: table.cost === "cheap" ? "" : table.cost,
            info: table.doc,
          },
          children: (table.columns ?? [])
            .filter(({ hidden }) => !hidden)
            .map((column): Completion => ({
              label: column.name,
              type: "property",
              detail: column.required ? `${column.type}, required` : column.type,
              info: column.doc,
              boost: column.required ? 1 : 0,
            })),
        },
      ]),
    ),
  );
}

export const functionCompletions: Completion[] = functions.map((signature) => {
  const name = signature.slice(0, signature.indexOf("("));
  return { label: name, type: "function", detail: signature.slice(name.length), apply: `${name}(` };
});
