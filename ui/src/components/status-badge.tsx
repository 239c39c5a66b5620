import {
  AlarmClockOff,
  Archive,
  Ban,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CirclePause,
  CircleSlash,
  CircleX,
  ClockAlert,
  Eye,
  LoaderCircle,
  Mail,
  RotateCw,
  ShieldOff,
  TimerOff,
  Unplug,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "./badge";

interface Status {
  word: string;
  tone: Tone;
  icon: LucideIcon;
}

/** Every state the console names: each has its own word and icon (UI.md principle 4). */
export const statuses = {
  online: { word: "Online", tone: "ok", icon: CircleCheck },
  offline: { word: "Offline", tone: "off", icon: Unplug },
  pending: { word: "Waits for approval", tone: "warn", icon: ClockAlert },
  decommissioned: { word: "Retired", tone: "off", icon: Archive },
  revoked: { word: "Revoked", tone: "bad", icon: Ban },
  fresh: { word: "Fresh", tone: "ok", icon: CircleCheck },
  stale: { word: "Stale", tone: "warn", icon: ClockAlert },
  error: { word: "Error", tone: "bad", icon: CircleX },
  never: { word: "No rows yet", tone: "off", icon: CircleMinus },
  open: { word: "Open", tone: "bad", icon: CircleX },
  acknowledged: { word: "Acknowledged", tone: "wait", icon: Eye },
  waived: { word: "Waived", tone: "warn", icon: ShieldOff },
  resolved: { word: "Resolved", tone: "ok", icon: CircleCheck },
  with_rows: { word: "With rows", tone: "ok", icon: CircleCheck },
  no_rows: { word: "No rows", tone: "off", icon: CircleMinus },
  failed: { word: "Failed", tone: "bad", icon: CircleX },
  timed_out: { word: "Timed out", tone: "warn", icon: TimerOff },
  running: { word: "Running", tone: "wait", icon: LoaderCircle },
  refused: { word: "Refused", tone: "bad", icon: Ban },
  done: { word: "Done", tone: "ok", icon: CircleCheck },
  waiting: { word: "Waits", tone: "wait", icon: ClockAlert },
  active: { word: "Active", tone: "ok", icon: CircleCheck },
  invited: { word: "Invited", tone: "wait", icon: Mail },
  deactivated: { word: "Deactivated", tone: "off", icon: Ban },
  suspended: { word: "Suspended", tone: "warn", icon: CirclePause },
  archived: { word: "Archived", tone: "off", icon: Archive },
  pass: { word: "Pass", tone: "ok", icon: CircleCheck },
  fail: { word: "Fail", tone: "bad", icon: CircleX },
  not_applicable: { word: "Not applicable", tone: "off", icon: CircleSlash },
  on: { word: "On", tone: "ok", icon: CircleCheck },
  off: { word: "Off", tone: "off", icon: CircleMinus },
  snoozed: { word: "Snoozed", tone: "warn", icon: AlarmClockOff },
  queued: { word: "Queued", tone: "wait", icon: CircleDashed },
  dead: { word: "Failed", tone: "bad", icon: CircleX },
  sent: { word: "Sent", tone: "ok", icon: CircleCheck },
  retrying: { word: "Retrying", tone: "warn", icon: RotateCw },
  suppressed: { word: "Suppressed", tone: "off", icon: CircleMinus },
  cancelled: { word: "Stopped", tone: "off", icon: CircleMinus },
} satisfies Record<string, Status>;

export type StatusName = keyof typeof statuses;

export function isStatus(name: string): name is StatusName {
  return name in statuses;
}

/** A state as icon and word. An unknown name is printed as it is: a newer server may know more states than this page. */
export function StatusBadge({ status }: { status: string }) {
  if (!isStatus(status)) return <Badge tone="info">{status || "Unknown"}</Badge>;
  const { word, tone, icon: Icon } = statuses[status];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden className={status === "running" ? "animate-spin" : undefined} />
      {word}
    </Badge>
  );
}
