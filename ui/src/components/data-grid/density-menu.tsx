import { Rows2, Rows3, Rows4 } from "lucide-react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { chooseDensity, type Density } from "@/lib/density";

const densities: { density: Density; label: string; icon: typeof Rows3 }[] = [
  { density: "compact", label: "Compact", icon: Rows4 },
  { density: "standard", label: "Standard", icon: Rows3 },
  { density: "roomy", label: "Roomy", icon: Rows2 },
];

/** How much room rows take, in all lists. */
export function DensityMenu({ density }: { density: Density }) {
  const Icon = densities.find((each) => each.density === density)?.icon ?? Rows3;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={`Height of rows: ${density}`}>
          <Icon size={15} strokeWidth={1.75} aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuRadioGroup
          value={density}
          onValueChange={(next) => {
            chooseDensity(next as Density);
          }}
        >
          {densities.map((each) => (
            <DropdownMenuRadioItem key={each.density} value={each.density}>
              {each.label}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
