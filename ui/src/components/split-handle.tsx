import { useRef, type KeyboardEvent, type PointerEvent } from "react";

const step = 16;

/** The edge between two stacked parts: dragged, or moved with the arrow keys. */
export function SplitHandle({
  label,
  height,
  min,
  max,
  onHeight,
}: {
  label: string;
  height: number;
  min: number;
  max: number;
  onHeight: (height: number) => void;
}) {
  const start = useRef({ y: 0, height: 0 });
  const set = (next: number) => {
    onHeight(Math.max(min, Math.min(max, next)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    set(height + (event.key === "ArrowDown" ? step : -step));
  };
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { y: event.clientY, height };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(start.current.height + event.clientY - start.current.y);
  };
  return (
    // A separator that takes focus is a control of its own (ARIA "window splitter").
    <div
      role="separator"
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuenow={height}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      className="relative z-10 -my-[3px] h-[7px] flex-none cursor-row-resize touch-none after:absolute after:inset-x-0 after:top-[3px] after:h-px after:bg-border hover:after:bg-primary-line"
    />
  );
}
