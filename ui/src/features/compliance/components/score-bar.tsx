/** A score as bar and number; without one it says so. */
export function ScoreBar({ percent }: { percent: number | null }) {
  if (percent === null) return <span className="text-fg-subtle">not judged</span>;
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="h-[5px] w-14 overflow-hidden rounded-[3px] bg-sunken dark:bg-hover">
        <span className="block h-full bg-ok" style={{ width: `${percent}%` }} />
      </span>
      <span className="font-medium tnum">{percent.toFixed(1)} %</span>
    </span>
  );
}
