import { useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import type { Agent, Scan } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { platformName } from "@/lib/platforms";
import { useTriggerScan, type ScanWish } from "../api/scans";

type Target = NonNullable<ScanWish["target"]>;

/** Chooses agents and what they run now. */
export function StartScanDialog({
  tenant,
  agents,
  packs,
  groups,
  onStarted,
  onClose,
}: {
  tenant: string;
  agents: Agent[];
  /** Names of packs that are on. */
  packs: string[];
  groups: { id: string; name: string }[];
  onStarted: (scan: Scan) => void;
  onClose: () => void;
}) {
  const trigger = useTriggerScan(tenant);
  const [where, setWhere] = useState("all");
  const [what, setWhat] = useState("");
  const platforms = [...new Set(agents.map(({ platform }) => platform))];
  const tags = [...new Set(agents.flatMap((agent) => agent.tags ?? []))].sort();
  const targets: { value: string; label: string; target: Target; of: (agent: Agent) => boolean }[] = [
    { value: "all", label: "All agents", target: {}, of: () => true },
    ...platforms.map((platform) => ({
      value: `platform ${platform}`,
      label: platformName(platform),
      target: { platforms: [platform] },
      of: (agent: Agent) => agent.platform === platform,
    })),
    ...tags.map((tag) => ({
      value: `tag ${tag}`,
      label: `Tag ${tag}`,
      target: { tags: [tag] },
      of: (agent: Agent) => (agent.tags ?? []).includes(tag),
    })),
    ...agents.map((agent) => ({
      value: agent.id,
      label: agent.hostname,
      target: { agent_ids: [agent.id] },
      of: ({ id }: Agent) => id === agent.id,
    })),
  ];
  const group = groups.find(({ id }) => where === `group ${id}`);
  const chosen = targets.find(({ value }) => value === where) ?? targets[0];
  const asked = agents.filter(chosen.of);
  const online = asked.filter(({ status }) => status === "online").length;
  return (
    <FormDialog
      title="Start a scan"
      description="Agents run at once what they would run on schedule, with the same limits."
      verb="Start scan"
      pending={trigger.isPending}
      error={trigger.error}
      disabled={!group && asked.length === 0}
      onSubmit={() => {
        trigger.mutate(
          { target: group ? { groups: [group.name] } : chosen.target, ...(what && { packs: [what] }) },
          { onSuccess: onStarted },
        );
      }}
      onClose={onClose}
    >
      <SelectField
        label="Agents"
        options={[
          ...targets.map(({ value, label }) => ({ value, label })),
          ...groups.map(({ id, name }) => ({ value: `group ${id}`, label: `Group ${name}` })),
        ]}
        value={where}
        onValue={setWhere}
        hint={
          group
            ? "Its agents as they are when the scan starts."
            : `${plural(asked.length, "agent")}, ${online} online. Those offline are told when they are back, while the scan lasts.`
        }
      />
      <SelectField
        label="What"
        options={[
          { value: "", label: "All that is scheduled" },
          ...packs.map((name) => ({ value: name, label: `Pack ${name}` })),
        ]}
        value={what}
        onValue={setWhat}
      />
    </FormDialog>
  );
}
