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

const dots: Record<Severity, string> = {
  critical: "bg-critical",
  high: "bg-high",
  medium: "bg-medium",
  low: "bg-low",
  info: "bg-info",
};

/** A severity in a list of words, with its colour as a dot. */
export function SeverityWord({ severity }: { severity: string }) {
  const known = severityOf(severity);
  return (
    <>
      <span aria-hidden className={`size-2 shrink-0 rounded-[2px] ${dots[known]}`} />
      {severityWords[known]}
    </>
  );
}
