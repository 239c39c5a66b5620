/** Sorts and filters a big store off the page's thread. It gets the columns once, then filters and sort as often as they change. */
import { ColumnStore, type Value } from "./column-store";
import type { Filter, Sort } from "./filter";
import { view } from "./view";

export type ToViewWorker =
  | { type: "store"; length: number; columns: { name: string; values: Value[]; ids: Uint32Array }[] }
  | { type: "view"; question: number; filters: Filter[]; sort: Sort | null };

export interface FromViewWorker {
  question: number;
  order: Uint32Array;
}

const store = new ColumnStore();

self.onmessage = ({ data }: MessageEvent<ToViewWorker>) => {
  if (data.type === "store") {
    for (const { name, values, ids } of data.columns) store.replace(name, values, ids);
    store.length = data.length;
    return;
  }
  const order = view(store, data.filters, data.sort);
  const answer: FromViewWorker = { question: data.question, order };
  self.postMessage(answer, { transfer: [order.buffer] });
};
