import { useMemo, useState, type ReactNode } from "react";
import type { ShownColumn } from "./use-columns";

/** Columns up to which all are drawn: fewer cost less than finding out. */
const drawnWhole = 30;
/** Pixels beyond the view that are drawn as well. */
const margin = 400;

/** A column and its place among those that show. */
export interface PlacedColumn {
  column: ShownColumn;
  index: number;
}

/** Pinned columns, and which of the others are near the sideways view, with the room that those before them take. */
export function useColumnRange(columns: ShownColumn[]) {
  const [view, setView] = useState({ left: 0, width: 2000 });
  const onScroll = ({ scrollLeft, clientWidth }: HTMLElement) => {
    if (columns.length <= drawnWhole) return;
    if (Math.abs(scrollLeft - view.left) > margin / 2 || clientWidth !== view.width) {
      setView({ left: scrollLeft, width: clientWidth });
    }
  };
  const { pinned, drawn, lead } = useMemo(() => drawnColumns(columns, view), [columns, view]);
  return { onScroll, pinned, drawn, lead };
}

function drawnColumns(columns: ShownColumn[], view: { left: number; width: number }) {
  const placed = columns.map((column, index) => ({ column, index }));
  const pinned = placed.filter(({ column }) => column.stays !== undefined);
  const others = placed.slice(pinned.length);
  if (columns.length <= drawnWhole) return { pinned, drawn: others, lead: 0 };
  const drawn: PlacedColumn[] = [];
  let lead = 0;
  let start = 0;
  for (const each of others) {
    const end = start + each.column.size;
    if (end < view.left - margin) lead = end;
    else if (start < view.left + view.width + margin) drawn.push(each);
    start = end;
  }
  return { pinned, drawn, lead };
}

/** Draws the columns of a row: pinned ones, the room of those before the view, and those in it. */
export function inView(
  { pinned, drawn, lead }: { pinned: PlacedColumn[]; drawn: PlacedColumn[]; lead: number },
  draw: (placed: PlacedColumn) => ReactNode,
): ReactNode {
  return (
    <>
      {pinned.map(draw)}
      {lead > 0 && <div aria-hidden className="flex-none" style={{ width: lead }} />}
      {drawn.map(draw)}
    </>
  );
}
