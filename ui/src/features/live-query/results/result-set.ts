import { ColumnStore, toValue } from "@/lib/grid/column-store";
import type { Filter, Sort } from "@/lib/grid/filter";
import { view } from "@/lib/grid/view";
import type { LiveQueryCounts } from "@/lib/api/types";
import type { AgentAnswer, StreamEvent } from "./events";

/** Columns that are ours, under names that no SQL column has. */
export const agentColumn = "@agent";
export const agentIdColumn = "@id";
/** On how many agents the same row is. It is counted, not stored. */
export const seenColumn = "@seen";

/** All that agents answered in a run. It lives in the worker; nothing here knows of messages. */
export class ResultSet {
  readonly store = new ColumnStore();
  readonly answers = new Map<string, AgentAnswer>();
  counts: LiveQueryCounts | null = null;
  done = false;

  private readonly groups = new Map<string, number>();
  private readonly groupOfRow: number[] = [];
  private readonly agentsOfGroup: Set<string>[] = [];

  constructor() {
    this.store.column(agentColumn);
    this.store.column(agentIdColumn);
  }

  ingest(event: StreamEvent): void {
    switch (event.type) {
      case "rows":
        this.addRows(event.agent_id, event.hostname, event.columns ?? [], event.rows ?? []);
        break;
      case "agent": {
        const { agent_id, hostname, outcome, rows, duration_ms, error } = event;
        this.answers.set(agent_id, { agent_id, hostname, outcome, rows, duration_ms, error });
        break;
      }
      case "progress":
        this.counts = event.counts;
        break;
      case "done":
        this.counts = event.counts;
        this.done = true;
        break;
    }
  }

  private addRows(agentId: string, hostname: string, columns: string[], rows: unknown[][]): void {
    const first = this.store.length;
    this.store.append(
      [agentColumn, agentIdColumn, ...columns],
      rows.map((cells) => [hostname, agentId, ...cells.map(toValue)]),
    );
    const stored = columns.map((name) => this.store.column(name));
    for (let row = first; row < this.store.length; row++) {
      const key = stored.map((column, index) => `${columns[index]}=${column.id(row)}`).join("\u0000");
      let group = this.groups.get(key);
      if (group === undefined) {
        group = this.agentsOfGroup.push(new Set()) - 1;
        this.groups.set(key, group);
      }
      this.agentsOfGroup[group].add(agentId);
      this.groupOfRow.push(group);
    }
  }

  /** For each row, on how many agents the same row is. */
  seen(): Uint32Array {
    return Uint32Array.from(this.groupOfRow, (group) => this.agentsOfGroup[group].size);
  }

  /** The rows to show, in order, with their seen counts. */
  view(filters: Filter[], sort: Sort | null): { order: Uint32Array; seen: Uint32Array } {
    const seen = this.seen();
    return { order: view(this.store, filters, sort, { [seenColumn]: seen }), seen };
  }
}
