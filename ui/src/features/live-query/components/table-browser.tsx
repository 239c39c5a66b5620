import { ChevronRight, Search } from "lucide-react";
import { useState } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import type { Table } from "@/lib/api/types";
import { cn } from "@/lib/cn";

interface TableBrowserProps {
  tables: Table[];
  /** Tables and `table.column` names that the statement reads. */
  readTables: string[];
  readColumns: string[];
  /** A table to open, for a link that names it. */
  opened?: string;
  onInsert: (text: string) => void;
}

/** The catalogue beside the editor: what this query reads on top, all others below. */
export function TableBrowser({ tables, readTables, readColumns, opened, onInsert }: TableBrowserProps) {
  const [wanted, setWanted] = useState(opened ?? "");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(opened ? [opened] : []));
  const filter = wanted.trim().toLowerCase();
  const matching = tables.filter(
    ({ name, columns }) =>
      name.includes(filter) || (filter.length > 2 && columns?.some((column) => column.name.includes(filter))),
  );
  const inQuery = filter === "" ? tables.filter(({ name }) => readTables.includes(name)) : [];
  const toggle = (name: string) => {
    const next = new Set(open);
    if (!next.delete(name)) next.add(name);
    setOpen(next);
  };
  const entry = (table: Table) => (
    <TableEntry
      key={table.name}
      table={table}
      open={open.has(table.name)}
      read={readColumns}
      onToggle={() => {
        toggle(table.name);
      }}
      onInsert={onInsert}
    />
  );
  return (
    <aside
      aria-label="Tables"
      className="flex w-55 flex-none flex-col border-r border-border bg-bg max-md:hidden"
    >
      <div className="relative m-2 mb-1">
        <Search
          size={13}
          className="pointer-events-none absolute top-[7px] left-2 text-fg-subtle"
          aria-hidden
        />
        <input
          type="search"
          aria-label="Filter tables"
          placeholder={`Filter ${tables.length} tables`}
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
          }}
          className="h-[26px] w-full rounded-sm border border-border bg-surface pr-2 pl-7 text-xs"
        />
      </div>
      {/* The list scrolls by keyboard through its own buttons. */}
      <div className="min-h-0 flex-1 overflow-y-auto pb-2">
        {inQuery.length > 0 && (
          <>
            <h2 className="px-3 pt-1.5 pb-1 text-2xs font-medium text-fg-subtle">In this query</h2>
            {inQuery.map(entry)}
            <h2 className="px-3 pt-2.5 pb-1 text-2xs font-medium text-fg-subtle">All tables</h2>
          </>
        )}
        {matching.filter((table) => !inQuery.includes(table)).map(entry)}
        {matching.length === 0 && (
          <p className="px-3 py-2 text-xs text-fg-muted">No table or column of that name.</p>
        )}
      </div>
    </aside>
  );
}

interface TableEntryProps {
  table: Table;
  open: boolean;
  read: string[];
  onToggle: () => void;
  onInsert: (text: string) => void;
}

function TableEntry({ table, open, read, onToggle, onInsert }: TableEntryProps) {
  return (
    <div>
      <Tooltip content={table.doc} side="right">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          onDoubleClick={() => {
            onInsert(table.name);
          }}
          className="focus-inset flex h-6 w-full items-center gap-1.5 pr-3 pl-2 text-left font-mono text-xs hover:bg-hover"
        >
          <ChevronRight
            size={12}
            className={cn("shrink-0 text-fg-subtle", open && "rotate-90")}
            aria-hidden
          />
          <span className="min-w-0 flex-1 truncate">{table.name}</span>
          {table.cost !== "cheap" && (
            <span
              className={cn(
                "font-sans text-2xs",
                table.cost === "expensive" ? "text-warn-fg" : "text-fg-subtle",
              )}
            >
              {table.cost}
            </span>
          )}
        </button>
      </Tooltip>
      {open &&
        (table.columns ?? [])
          .filter(({ hidden }) => !hidden)
          .map((column) => (
            <Tooltip key={column.name} content={column.doc} side="right">
              <button
                type="button"
                aria-label={`Insert column ${column.name}`}
                onClick={() => {
                  onInsert(column.name);
                }}
                className={cn(
                  "focus-inset flex h-6 w-full items-center gap-1.5 pr-3 pl-7.5 text-left font-mono text-[11.5px] text-fg-muted hover:bg-hover",
                  read.includes(`${table.name}.${column.name}`) && "text-fg",
                )}
              >
                <span className="min-w-0 flex-1 truncate">{column.name}</span>
                <span className="font-sans text-2xs text-fg-subtle">
                  {column.required ? "required" : column.type.toLowerCase()}
                </span>
              </button>
            </Tooltip>
          ))}
    </div>
  );
}
