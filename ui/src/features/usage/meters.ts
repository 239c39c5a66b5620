import type { Standing } from "@/lib/api/types";
import { bytes, num } from "@/lib/format";

export type Meter = NonNullable<Standing["meters"]>[number];

const words: Record<Meter["meter"], string> = {
  agents: "Agents",
  live_queries: "Live queries today",
  scans: "Scans today",
  rows: "Rows stored today",
  bytes: "Results today",
};

/** What a meter counts; one that a newer server knows is printed as it is. */
export function meterWord(meter: string): string {
  return (words as Record<string, string>)[meter] ?? meter;
}

/** A meter's figure in its unit. */
export function figure(meter: string, value: number): string {
  return meter === "bytes" ? bytes(value) : num(value);
}

/** The meters of tenants that are near their plan's limit or at it, the nearest first. */
export function pressing(standings: Standing[]): { standing: Standing; meter: Meter }[] {
  return standings
    .flatMap((standing) =>
      (standing.meters ?? []).filter(({ state }) => state !== "fine").map((meter) => ({ standing, meter })),
    )
    .sort((a, b) => share(b.meter) - share(a.meter));
}

/** The part of its limit that a meter has used, from 0; 0 where the plan has none. */
export function share({ used, limit }: Meter): number {
  if (limit === null) return 0;
  return limit === 0 ? 1 : used / limit;
}
