import type { LiveQueryCounts } from "@/lib/api/types";
import type { Value } from "@/lib/grid/column-store";
import type { Filter, Sort } from "@/lib/grid/filter";
import type { AgentAnswer } from "./events";

/** What the page tells the worker. */
export type ToWorker =
  /** Bytes of the run's stream. */
  | { type: "chunk"; bytes: Uint8Array }
  | { type: "view"; filters: Filter[]; sort: Sort | null }
  | { type: "csv"; columns: { id: string; header: string }[]; filters: Filter[]; sort: Sort | null };

/** New rows of one column: values not sent before, and per row the number of its value. */
export interface FrameColumn {
  name: string;
  values: Value[];
  ids: Uint32Array;
}

/** What the worker tells the page. */
export type FromWorker =
  | {
      type: "frame";
      from: number;
      length: number;
      columns: FrameColumn[];
      answers: AgentAnswer[];
      counts: LiveQueryCounts | null;
      done: boolean;
    }
  | { type: "view"; order: Uint32Array; seen: Uint32Array; length: number }
  | { type: "csv"; blob: Blob }
  | { type: "problem"; message: string };
