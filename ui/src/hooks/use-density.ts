import { useSyncExternalStore } from "react";
import { chosenDensity, rowHeights, subscribeDensity, type Density } from "@/lib/density";

/** How much room rows take: as the person chose for all lists, else as this list starts. */
export function useDensity(start: Density = "standard"): { density: Density; rowHeight: number } {
  const density = useSyncExternalStore(subscribeDensity, chosenDensity) ?? start;
  return { density, rowHeight: rowHeights[density] };
}
