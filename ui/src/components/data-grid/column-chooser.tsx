import { Columns3 } from "lucide-react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { defaultLayout, toggleColumn, type ColumnLayout } from "@/lib/grid/column-layout";

interface ColumnChooserProps {
  columns: { id: string; header: string }[];
  layout: ColumnLayout | undefined;
  onLayout: (layout: ColumnLayout | undefined) => void;
}

/** Which columns show. The last one cannot be hidden. */
export function ColumnChooser({ columns, layout, onLayout }: ColumnChooserProps) {
  const current = layout ?? defaultLayout(columns);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost">
          <Columns3 size={15} strokeWidth={1.75} aria-hidden />
          <span className="max-md:sr-only">Columns</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {columns.map(({ id, header }) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={current.ids.includes(id)}
            disabled={current.ids.length === 1 && current.ids[0] === id}
            onSelect={(event) => {
              event.preventDefault();
            }}
            onCheckedChange={(on) => {
              onLayout(toggleColumn(current, id, on));
            }}
          >
            {header}
          </DropdownMenuCheckboxItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem
          disabled={!layout}
          onSelect={() => {
            onLayout(undefined);
          }}
        >
          All columns, none pinned
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
