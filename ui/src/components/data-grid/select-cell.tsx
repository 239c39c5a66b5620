import { useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import type { GridSelection } from "./types";

/** Pixels of the check boxes' column. */
export const selectWidth = 34;

/** A row's check box. The grid hears its click; by keyboard X selects, so that it is no tab stop of its own. */
export function SelectCell({ place, selected, stays }: { place: number; selected: boolean; stays: boolean }) {
  return (
    <div
      role="gridcell"
      aria-colindex={1}
      data-select={place}
      style={{ width: selectWidth }}
      className={cn(
        "flex flex-none cursor-default items-center justify-center",
        stays && "sticky left-0 z-1 bg-inherit",
      )}
    >
      <input
        type="checkbox"
        tabIndex={-1}
        checked={selected}
        readOnly
        aria-label="Select the row"
        className="pointer-events-none size-3.5 accent-primary"
      />
    </div>
  );
}

/** Selects all shown rows, or none. */
export function SelectAll({
  selection,
  order,
  stays,
}: {
  selection: GridSelection;
  order: ArrayLike<number>;
  /** Whether it keeps its place beside pinned columns. */
  stays: boolean;
}) {
  const box = useRef<HTMLInputElement>(null);
  const all = order.length > 0 && selection.count === order.length;
  const some = selection.count > 0 && !all;
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return (
    <div
      role="columnheader"
      aria-colindex={1}
      style={{ width: selectWidth }}
      className={cn(
        "flex h-[30px] flex-none items-center justify-center",
        stays && "sticky left-0 z-1 bg-bg",
      )}
    >
      <label className="grid size-6 place-items-center">
        <span className="sr-only">Select all shown rows</span>
        <input
          ref={box}
          type="checkbox"
          tabIndex={-1}
          checked={all}
          onChange={() => {
            selection.set(Array.from(order), !all);
          }}
          className="size-3.5 accent-primary"
        />
      </label>
    </div>
  );
}
