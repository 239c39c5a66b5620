import { statuses } from "@/components/status-badge";
import type { Agent } from "@/lib/api/types";

const tones = {
  online: "text-ok-fg",
  offline: "text-off-fg",
  pending: "text-warn-fg",
  revoked: "text-bad-fg",
  decommissioned: "text-off-fg",
};

/** An agent's state in a list of words. */
export function StatusLabel({ status }: { status: Agent["status"] }) {
  const { icon: Icon, word } = statuses[status];
  return (
    <>
      <Icon size={13} strokeWidth={1.75} aria-hidden className={tones[status]} />
      {word}
    </>
  );
}
