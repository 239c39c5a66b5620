import { Skeleton } from "@/components/ui/skeleton";

const widths = ["w-28", "w-20", "w-24", "w-32", "w-16", "w-24"];

/** Rows to come, in the size of those that replace them. */
export function GridSkeleton({ label, rows = 12 }: { label: string; rows?: number }) {
  return (
    <div role="status" className="min-h-0 flex-1 overflow-hidden bg-surface">
      <span className="sr-only">Loading {label}</span>
      <div className="h-[30px] border-b border-border bg-bg" />
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-8 items-center gap-10 border-b border-border px-2.5">
          {widths.map((width, column) => (
            <Skeleton key={column} className={`h-2.5 ${widths[(row + column) % widths.length] ?? width}`} />
          ))}
        </div>
      ))}
    </div>
  );
}
