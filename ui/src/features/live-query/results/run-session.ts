import { openStream } from "@/lib/api/ndjson";
import { ApiError } from "@/lib/api/problem";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { LiveQueryCounts } from "@/lib/api/types";
import { ColumnStore } from "@/lib/grid/column-store";
import type { Filter, Sort } from "@/lib/grid/filter";
import type { AgentAnswer } from "./events";
import type { FromWorker, ToWorker } from "./protocol";

/** What the page shows of a run. A new object at each change; the store is shared and only grows. */
export interface RunSnapshot {
  state: "connecting" | "streaming" | "reconnecting" | "done" | "failed";
  error: unknown;
  store: ColumnStore;
  columns: string[];
  answers: AgentAnswer[];
  counts: LiveQueryCounts | null;
  /** Rows to show, in order, and per row on how many agents the same row is. */
  order: Uint32Array;
  seen: Uint32Array;
  /** Rows that arrived since `order` was made. */
  pending: number;
  /** Rows from this one on came with the last merge. */
  newFrom: number;
}

export interface ViewRequest {
  filters: Filter[];
  sort: Sort | null;
}

const longestWait = 15_000;

/**
 * Follows a run's stream while somebody watches: fetches it here, where the token is, and has the worker keep the rows. The
 * server replays what is stored, so a lost stream is read again from its start.
 */
export class RunSession {
  private snapshot: RunSnapshot = emptySnapshot();
  private readonly listeners = new Set<() => void>();
  private ended = new AbortController();
  private worker: Worker | null = null;
  private watchers = 0;
  private request: ViewRequest = { filters: [], sort: null };
  private viewAsked = false;
  private holding = false;
  private viewedRows = 0;
  private csvWaiting: ((blob: Blob) => void)[] = [];

  constructor(
    private readonly tenant: string,
    private readonly runId: string,
  ) {}

  /** Watches the run: the first watcher opens the stream, the last one to go closes it. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.watchers++ === 0) this.open();
    return () => {
      this.listeners.delete(listener);
      if (--this.watchers === 0) this.close();
    };
  };

  get = (): RunSnapshot => this.snapshot;

  private open(): void {
    this.ended = new AbortController();
    this.restart();
    void this.follow(this.ended.signal);
  }

  private close(): void {
    this.ended.abort();
    this.worker?.terminate();
    this.worker = null;
  }

  /** Sorts and filters. It takes in what waited, since the person asked for another picture. */
  show(request: ViewRequest): void {
    this.request = request;
    this.askView();
  }

  /** While held, new rows wait: nothing moves under the hand. */
  hold(holding: boolean): void {
    this.holding = holding;
    if (!holding && this.snapshot.pending > 0) this.askView();
  }

  takeIn(): void {
    this.askView();
  }

  /** What is shown as CSV: these columns, these filters, this order. */
  csv(columns: { id: string; header: string }[]): Promise<Blob> {
    return new Promise((resolve) => {
      this.csvWaiting.push(resolve);
      this.send({ type: "csv", columns, ...this.request });
    });
  }

  private startWorker(): Worker {
    const worker = new Worker(new URL("./result-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.receive(data);
    };
    worker.onerror = () => {
      this.change({ state: "failed", error: new Error("The result grid stopped. Reload the page.") });
    };
    return worker;
  }

  private send(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker?.postMessage(message, transfer);
  }

  private askView(): void {
    this.viewAsked = true;
    this.send({ type: "view", ...this.request });
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case "frame":
        this.merge(message);
        break;
      case "view": {
        this.viewAsked = false;
        const { order, seen, length } = message;
        const newFrom =
          this.viewedRows > 0 && length > this.viewedRows ? this.viewedRows : this.snapshot.newFrom;
        this.viewedRows = length;
        this.change({ order, seen, newFrom, pending: this.snapshot.store.length - length });
        break;
      }
      case "csv":
        this.csvWaiting.shift()?.(message.blob);
        break;
      case "problem":
        this.change({ state: "failed", error: new Error(message.message) });
        break;
    }
  }

  private merge(frame: Extract<FromWorker, { type: "frame" }>): void {
    const { store, answers } = this.snapshot;
    for (const { name, values, ids } of frame.columns) {
      const known = store.columns.get(name);
      // The worker sends a column that is new here whole, with the NULLs of earlier rows.
      if (known) known.append(frame.from, values, ids);
      else store.replace(name, values, ids);
    }
    store.length = frame.length;
    const byAgent = new Map(answers.map((each) => [each.agent_id, each]));
    for (const each of frame.answers) byAgent.set(each.agent_id, each);
    this.change({
      columns: store.columns.size === this.snapshot.columns.length ? this.snapshot.columns : store.names,
      answers: frame.answers.length > 0 ? [...byAgent.values()] : answers,
      counts: frame.counts ?? this.snapshot.counts,
      pending: store.length - this.viewedRows,
      ...(frame.done ? { state: "done" as const } : {}),
    });
    if (this.snapshot.pending > 0 && (!this.holding || this.viewedRows === 0) && !this.viewAsked)
      this.askView();
  }

  private async follow(ended: AbortSignal): Promise<void> {
    const scope = new URLSearchParams(
      Object.entries(tenantScope(this.tenant)).map(([name, value]) => [name, String(value)]),
    );
    const path = `/api/v1/live-queries/${encodeURIComponent(this.runId)}/stream?${scope}`;
    for (let failures = 0; !ended.aborted; failures++) {
      try {
        const stream = await openStream(path, ended);
        if (failures > 0) this.restart();
        this.change({ state: "streaming" });
        const reader = stream.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          this.send({ type: "chunk", bytes: value }, [value.buffer]);
        }
        if (await this.settled()) return;
        this.change({ state: "reconnecting" });
      } catch (error) {
        if (ended.aborted) return;
        // A refusal stays one; a lost connection comes back.
        if (error instanceof ApiError && error.status < 500) {
          this.change({ state: "failed", error });
          return;
        }
        this.change({ state: "reconnecting", error });
      }
      await pause(Math.min(longestWait, 500 * 2 ** failures), ended);
    }
  }

  /** After a stream's end: whether the run was over, once the worker has read all of it. */
  private settled(): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (over: boolean) => {
        clearTimeout(timer);
        this.listeners.delete(check);
        resolve(over);
      };
      const check = () => {
        if (this.snapshot.state !== "streaming") finish(true);
      };
      // The worker answers within its merge interval; longer silence means that the stream broke off.
      const timer = setTimeout(finish, 1000, false);
      this.listeners.add(check);
      check();
    });
  }

  private restart(): void {
    this.worker?.terminate();
    this.worker = this.startWorker();
    this.viewedRows = 0;
    this.viewAsked = false;
    this.snapshot = { ...emptySnapshot(), counts: this.snapshot.counts };
  }

  private change(part: Partial<RunSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }
}

function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    ended.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

export function emptySnapshot(): RunSnapshot {
  return {
    state: "connecting",
    error: null,
    store: new ColumnStore(),
    columns: [],
    answers: [],
    counts: null,
    order: new Uint32Array(),
    seen: new Uint32Array(),
    pending: 0,
    newFrom: Infinity,
  };
}
