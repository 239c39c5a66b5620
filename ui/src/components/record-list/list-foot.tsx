import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { ColumnChooser } from "@/components/data-grid/column-chooser";
import { DensityMenu } from "@/components/data-grid/density-menu";
import { Button } from "@/components/ui/button";
import type { Density } from "@/lib/density";
import type { ColumnLayout } from "@/lib/grid/column-layout";

/** The foot of a list: how many rows show, and in which way they do. */
export function ListFoot({
  count,
  views,
  columns,
  layout,
  onLayout,
  density,
  onCsv,
  exportable,
}: {
  count: ReactNode;
  views?: ReactNode;
  columns: { id: string; header: string }[];
  layout: ColumnLayout | undefined;
  onLayout: (layout: ColumnLayout | undefined) => void;
  density: Density;
  onCsv: () => void;
  exportable: boolean;
}) {
  return (
    <div className="no-print flex h-9 flex-none items-center gap-1 border-t border-border bg-bg pr-2 pl-3 text-xs text-fg-muted">
      <span aria-live="polite" className="min-w-0 flex-1 truncate tnum">
        {count}
      </span>
      {views}
      <ColumnChooser columns={columns} layout={layout} onLayout={onLayout} />
      <DensityMenu density={density} />
      <Button variant="ghost" onClick={onCsv} disabled={!exportable}>
        <Download size={15} strokeWidth={1.75} aria-hidden />
        CSV
      </Button>
    </div>
  );
}
