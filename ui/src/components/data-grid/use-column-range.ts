import { useMemo, useState } from "react";
import type { ShownColumn } from "./use-columns";

/** Columns up to which all are drawn: fewer cost less than finding out. */
const drawnWhole = 30;
/** Pixels beyond the view that are drawn as well. */
const margin = 400;

/** Which columns are near the sideways view, with the room that those before and after take. */
export function useColumnRange(columns: ShownColumn[]) {
  const [view, setView] = useState({ left: 0, width: 2000 });
  const onScroll = ({ scrollLeft, clientWidth }: HTMLElement) => {
    if (columns.length <= drawnWhole) return;
    if (Math.abs(scrollLeft - view.left) > margin / 2 || clientWidth !== view.width) {
      setView({ left: scrollLeft, width: clientWidth });
    }
  };
  const { drawn, lead } = useMemo(() => drawnColumns(columns, view), [columns, view]);
  return { onScroll, drawn, lead };
}

function drawnColumns(columns: ShownColumn[], view: { left: number; width: number }) {
  if (columns.length <= drawnWhole)
    return { drawn: columns.map((column, index) => ({ column, index })), lead: 0 };
  const drawn: { column: ShownColumn; index: number }[] = [];
  let lead = 0;
  let start = 0;
  columns.forEach((column, index) => {
    const end = start + column.size;
    if (end < view.left - margin) lead = end;
    else if (start < view.left + view.width + margin) drawn.push({ column, index });
    start = end;
  });
  return { drawn, lead };
}
