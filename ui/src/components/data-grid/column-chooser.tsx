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

interface ColumnChooserProps {
  columns: { id: string; header: string }[];
  shown: string[] | undefined;
  onShown: (ids: string[] | undefined) => void;
}

/** Which columns show. The last one cannot be hidden. */
export function ColumnChooser({ columns, shown, onShown }: ColumnChooserProps) {
  const ids = shown ?? columns.map(({ id }) => id);
  const toggle = (id: string, on: boolean) => {
    const next = on
      ? columns.map((column) => column.id).filter((each) => each === id || ids.includes(each))
      : ids.filter((each) => each !== id);
    if (next.length > 0) onShown(next.length === columns.length && !shown?.length ? undefined : next);
  };
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
            checked={ids.includes(id)}
            disabled={ids.length === 1 && ids[0] === id}
            onSelect={(event) => {
              event.preventDefault();
            }}
            onCheckedChange={(on) => {
              toggle(id, on);
            }}
          >
            {header}
          </DropdownMenuCheckboxItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem
          disabled={!shown}
          onSelect={() => {
            onShown(undefined);
          }}
        >
          All columns
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
