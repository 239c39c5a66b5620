import { ArrowRight, VenetianMask } from "lucide-react";
import { Fact } from "@/components/panel";
import { Peek, PeekSection } from "@/components/peek";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { useHotkey } from "@/hooks/use-hotkey";
import type { Client } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { Score } from "./client-columns";

/** A customer beside the list: why it needs somebody, how it is, and the ways into it. */
export function ClientPeek({
  client,
  onSwitch,
  onBelow,
  onImpersonate,
  onClose,
}: {
  client: Client;
  onSwitch: (client: Client) => void;
  onBelow: (client: Client) => void;
  onImpersonate?: (client: Client) => void;
  onClose: () => void;
}) {
  const reasons = client.needs_me ?? [];
  useHotkey("i", () => onImpersonate?.(client), onImpersonate !== undefined);
  return (
    <Peek
      label="Customer"
      title={client.name}
      subtitle={`${client.plan} · ${plural(client.tenants, "tenant")}`}
      badges={<StatusBadge status={client.status} />}
      onClose={onClose}
      actions={
        <>
          <Button
            variant="primary"
            onClick={() => {
              onSwitch(client);
            }}
          >
            <ArrowRight size={15} strokeWidth={1.75} aria-hidden />
            Switch to it
            <Kbd keys={["Enter"]} />
          </Button>
          {onImpersonate && (
            <Button
              onClick={() => {
                onImpersonate(client);
              }}
            >
              <VenetianMask size={15} strokeWidth={1.75} aria-hidden />
              Act in it
              <Kbd keys={["I"]} />
            </Button>
          )}
          {client.tenants > 1 && (
            <Button
              onClick={() => {
                onBelow(client);
              }}
            >
              What is below
            </Button>
          )}
        </>
      }
    >
      <PeekSection title="Needs me">
        {reasons.length === 0 ? (
          <p className="text-fg-muted">Nothing: no critical finding is overdue and its agents are heard.</p>
        ) : (
          <ul className="flex list-inside list-disc flex-col gap-1">
            {reasons.map((reason) => (
              <li key={reason}>
                <span className="inline-block first-letter:uppercase">{reason}</span>
              </li>
            ))}
          </ul>
        )}
      </PeekSection>
      <dl className="-mx-3.5 mb-4 border-b border-border">
        <Fact name="Compliance">
          <Score score={client.compliance_score} />
        </Fact>
        <Fact name="Checks">
          {num(client.checks_fail)} fail, {num(client.checks_pass)} pass
        </Fact>
        <Fact name="Open findings">
          {num(client.findings_critical)} critical, {num(client.findings_high)} high,{" "}
          {num(client.findings_medium)} medium, {num(client.findings_low)} low
        </Fact>
        <Fact name="Agents">
          {num(client.agents_online)} of {num(client.agents)} online
        </Fact>
        <Fact name="Last heard">
          <Time at={client.last_seen_at} />
        </Fact>
        <Fact name="Acting now">
          {client.grants === 0 ? "nobody" : plural(client.grants, "person", "people")}
        </Fact>
      </dl>
    </Peek>
  );
}
