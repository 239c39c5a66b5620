/**
 * Keeps a run's rows off the page's thread: reads the stream's bytes, sorts, filters and writes CSV. The page gets encoded
 * columns to show and the order to show them in, at most ten times a second.
 */
import { LineSplitter } from "@/lib/api/ndjson";
import { toCsv } from "@/lib/grid/csv";
import type { AgentAnswer, StreamEvent } from "./events";
import type { FrameColumn, FromWorker, ToWorker } from "./protocol";
import { ResultSet, seenColumn } from "./result-set";

const mergeInterval = 100;
const results = new ResultSet();
const lines = new LineSplitter();
const sentValues = new Map<string, number>();
let sentRows = 0;
let changedAnswers: AgentAnswer[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case "chunk":
      read(data.bytes);
      break;
    case "view": {
      const { order, seen } = results.view(data.filters, data.sort);
      post({ type: "view", order, seen, length: results.store.length }, [order.buffer, seen.buffer]);
      break;
    }
    case "csv": {
      const { order, seen } = results.view(data.filters, data.sort);
      const cell = (column: number, row: number) =>
        data.columns[column].id === seenColumn
          ? seen[row]
          : results.store.value(data.columns[column].id, row);
      post({
        type: "csv",
        blob: toCsv(
          data.columns.map(({ header }) => header),
          order,
          cell,
        ),
      });
      break;
    }
  }
};

function read(bytes: Uint8Array): void {
  try {
    for (const line of lines.push(bytes)) {
      const event = JSON.parse(line) as StreamEvent;
      results.ingest(event);
      if (event.type === "agent") changedAnswers.push(event);
    }
  } catch {
    post({ type: "problem", message: "The server sent a line that is not JSON." });
    return;
  }
  if (results.done) flush();
  else timer ??= setTimeout(flush, mergeInterval);
}

/** Sends what is new since the last frame. */
function flush(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  const { store } = results;
  const columns: FrameColumn[] = [];
  for (const [name, column] of store.columns) {
    const known = sentValues.get(name);
    // A column that appears late needs its NULLs of all earlier rows.
    const ids = column.idsOf(store.length).slice(known === undefined ? 0 : sentRows);
    columns.push({ name, values: column.values.slice(known ?? 0), ids });
    sentValues.set(name, column.values.length);
  }
  post(
    {
      type: "frame",
      from: sentRows,
      length: store.length,
      columns,
      answers: changedAnswers,
      counts: results.counts,
      done: results.done,
    },
    columns.map(({ ids }) => ids.buffer),
  );
  sentRows = store.length;
  changedAnswers = [];
}
