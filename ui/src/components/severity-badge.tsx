import { ChevronDown, ChevronsUp, Equal, Info, OctagonAlert } from "lucide-react";
import { severityOf, severityWords, type Severity } from "@/lib/severity";
import { Badge } from "./badge";

const icons: Record<Severity, typeof Info> = {
  critical: OctagonAlert,
  high: ChevronsUp,
  medium: Equal,
  low: ChevronDown,
  info: Info,
};

export function SeverityBadge({ severity }: { severity: string }) {
  const known = severityOf(severity);
  const Icon = icons[known];
  return (
    <Badge tone={known}>
      <Icon aria-hidden />
      {severityWords[known]}
    </Badge>
  );
}
