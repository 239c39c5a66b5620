import type { Collection } from "@/lib/api/types";

/** A day: the longest that a scheduled query of the packs waits. */
const staleAfter = 86_400_000;

/** How far a collection's rows can be trusted. */
export function collectionState(
  { last_batch_at, error, status_code }: Collection,
  now = Date.now(),
): "error" | "never" | "stale" | "fresh" {
  if (error || status_code !== 0) return "error";
  if (!last_batch_at) return "never";
  return now - new Date(last_batch_at).getTime() > staleAfter ? "stale" : "fresh";
}
