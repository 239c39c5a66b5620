import { Crosshair, Plus, X } from "lucide-react";
import { useMemo, useState } from "react";
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "@/components/ui/command";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Tooltip } from "@/components/ui/tooltip";
import { countValues } from "@/components/facets";
import type { Agent, Group, Platform } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { platformName } from "@/lib/platforms";
import { inTreeOrder } from "@/lib/tenant-tree";
import { subtree, targeted, type Target, type TenantNode } from "../target";

/** Agents offered by name at once: more are found by typing. */
const offeredAgents = 50;
/** Agents previewed on hover of the count. */
const previewed = 10;

interface TargetPickerProps {
  agents: Agent[] | undefined;
  groups: Group[];
  /** Those that the person sees here: a subtree of theirs narrows. */
  tenants: TenantNode[];
  /** What the server counts, where only it can: who is in a group it knows. */
  estimated?: { targets: number; online: number };
  complete: boolean;
  target: Target;
  onTarget: (target: Target) => void;
}

/** Whom to ask, as chips that narrow, and how many that is right now. */
export function TargetPicker({
  agents,
  groups,
  tenants,
  estimated,
  complete,
  target,
  onTarget,
}: TargetPickerProps) {
  const [open, setOpen] = useState(false);
  const chosen = useMemo(() => targeted(agents ?? [], target, tenants), [agents, target, tenants]);
  const tree = useMemo(() => withAgents(tenants, agents ?? []), [tenants, agents]);
  const byGroup = target.groups.length > 0;
  const reached = estimated?.targets ?? chosen.length;
  const online = estimated?.online ?? chosen.filter(({ status }) => status === "online").length;
  const platforms = countValues(agents ?? [], ({ platform }) => [platform]) as {
    value: Platform;
    count: number;
  }[];
  const tags = countValues(agents ?? [], ({ tags }) => tags ?? []);

  const toggle = <Kind extends keyof Target>(kind: Kind, value: Target[Kind][number]) => {
    const values: string[] = target[kind];
    onTarget({
      ...target,
      [kind]: values.includes(value) ? values.filter((each) => each !== value) : [...values, value],
    });
  };
  const chips = [
    ...target.tenants.map((value) => ({
      kind: "tenants" as const,
      value,
      word: "tenant",
      label: tenants.find(({ id }) => id === value)?.name ?? value.slice(0, 8),
    })),
    ...target.platforms.map((value) => ({
      kind: "platforms" as const,
      value,
      word: "os",
      label: platformName(value),
    })),
    ...target.tags.map((value) => ({ kind: "tags" as const, value, word: "tag", label: value })),
    ...target.groups.map((value) => ({
      kind: "groups" as const,
      value,
      word: "group",
      label: groups.find(({ id }) => id === value)?.name ?? value.slice(0, 8),
    })),
    ...target.agents.map((value) => ({
      kind: "agents" as const,
      value,
      word: "agent",
      label: agents?.find(({ id }) => id === value)?.hostname ?? value.slice(0, 8),
    })),
  ];

  return (
    <div
      role="group"
      aria-label="Agents to ask"
      className="flex min-h-7 min-w-0 flex-wrap items-center gap-1 rounded-sm border border-border-strong bg-surface py-0.5 pr-1 pl-2 dark:bg-raised"
    >
      <Crosshair size={15} strokeWidth={1.75} className="text-fg-muted" aria-hidden />
      {chips.length === 0 && <span className="pl-0.5">All agents</span>}
      {chips.map(({ kind, value, word, label }) => (
        <span
          key={`${kind} ${value}`}
          className="inline-flex h-[22px] max-w-48 items-center gap-1 rounded-xs border border-border bg-sunken pl-1.5 text-[11.5px] dark:bg-hover"
        >
          <span className="text-fg-subtle">{word}</span>
          <span className="truncate">{label}</span>
          <button
            type="button"
            aria-label={`Remove ${word} ${label}`}
            onClick={() => {
              toggle(kind, value);
            }}
            className="grid h-full w-6 place-items-center text-fg-subtle hover:text-fg"
          >
            <X size={11} aria-hidden />
          </button>
        </span>
      ))}
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger
          aria-label="Narrow the agents to ask"
          className="grid size-6 place-items-center rounded-xs text-fg-muted hover:bg-hover hover:text-fg"
        >
          <Plus size={14} aria-hidden />
        </PopoverTrigger>
        <PopoverContent className="w-76" aria-label="Narrow the agents to ask">
          <Command label="Narrow the agents to ask" className="flex max-h-90 flex-col">
            <CommandInput placeholder="Tenant, group, system, tag or agent" />
            <CommandList label="Kinds of agents">
              <CommandEmpty>No agent of that kind.</CommandEmpty>
              {/* A list that is not whole does not know all agents of a tenant: then no tenant is offered. */}
              {complete && tree.length > 1 && (
                <CommandGroup heading="Tenant and below">
                  {tree.map(({ tenant, path, count }) => (
                    <Option
                      key={tenant.id}
                      value={`tenant ${[...path, tenant.name].join(" ")} ${tenant.id}`}
                      label={tenant.name}
                      depth={path.length}
                      note={num(count)}
                      chosen={target.tenants.includes(tenant.id)}
                      onChoose={() => {
                        toggle("tenants", tenant.id);
                      }}
                    />
                  ))}
                </CommandGroup>
              )}
              {groups.length > 0 && (
                <CommandGroup heading="Group">
                  {groups.map(({ id, name, agents: members }) => (
                    <Option
                      key={id}
                      value={`group ${name} ${id}`}
                      label={name}
                      note={num(members)}
                      chosen={target.groups.includes(id)}
                      onChoose={() => {
                        toggle("groups", id);
                      }}
                    />
                  ))}
                </CommandGroup>
              )}
              <CommandGroup heading="System">
                {platforms.map(({ value, count }) => (
                  <Option
                    key={value}
                    value={`system ${value} ${platformName(value)}`}
                    label={platformName(value)}
                    note={num(count)}
                    chosen={target.platforms.includes(value)}
                    onChoose={() => {
                      toggle("platforms", value);
                    }}
                  />
                ))}
              </CommandGroup>
              {tags.length > 0 && (
                <CommandGroup heading="Tag">
                  {tags.map(({ value, count }) => (
                    <Option
                      key={value}
                      value={`tag ${value}`}
                      label={value}
                      note={num(count)}
                      chosen={target.tags.includes(value)}
                      onChoose={() => {
                        toggle("tags", value);
                      }}
                    />
                  ))}
                </CommandGroup>
              )}
              <CommandGroup heading="Agent">
                {(agents ?? []).slice(0, offeredAgents).map(({ id, hostname, status }) => (
                  <Option
                    key={id}
                    value={`agent ${hostname} ${id}`}
                    label={hostname}
                    note={status}
                    chosen={target.agents.includes(id)}
                    onChoose={() => {
                      toggle("agents", id);
                    }}
                  />
                ))}
              </CommandGroup>
            </CommandList>
          </Command>
        </PopoverContent>
      </Popover>
      <span
        aria-live="polite"
        className="flex h-[18px] items-center border-l border-border pr-1 pl-2 whitespace-nowrap tnum"
      >
        {agents === undefined ? (
          <span className="text-fg-subtle">counting</span>
        ) : chosen.length === 0 || reached === 0 ? (
          <span className="font-medium text-warn-fg">No agent is chosen</span>
        ) : (
          <Tooltip content={byGroup ? "As many as the groups hold now" : preview(chosen)}>
            <button type="button" className="rounded-xs">
              <b className="font-semibold">
                {byGroup && !estimated ? "at most " : ""}
                {plural(reached, "agent")}
                {complete ? "" : "+"}
              </b>
              , {num(online)} online
            </button>
          </Tooltip>
        )}
      </span>
    </div>
  );
}

/** The tenants that have agents, themselves or below, in the order of their tree, with how many. */
function withAgents(tenants: TenantNode[], agents: Agent[]) {
  const own = new Map(
    countValues(agents, (agent) => [agent.tenant_id]).map(({ value, count }) => [value, count]),
  );
  return inTreeOrder(tenants)
    .map((each) => ({
      ...each,
      count: [...subtree(tenants, [each.tenant.id])].reduce((sum, id) => sum + (own.get(id) ?? 0), 0),
    }))
    .filter(({ count }) => count > 0);
}

function preview(agents: Agent[]): string {
  const names = agents.slice(0, previewed).map(({ hostname }) => hostname);
  const more = agents.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${num(more)} more` : "");
}

function Option({
  value,
  label,
  depth = 0,
  note,
  chosen,
  onChoose,
}: {
  value: string;
  label: string;
  /** Levels that a tenant lies below the first. */
  depth?: number;
  note: string;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <CommandItem
      value={value}
      onSelect={onChoose}
      aria-checked={chosen}
      style={depth > 0 ? { paddingInlineStart: 8 + depth * 14 } : undefined}
    >
      <span
        aria-hidden
        className={`grid size-3.5 place-items-center rounded-[3.5px] border text-[9px] leading-none ${chosen ? "border-primary bg-primary text-on-primary" : "border-border-control"}`}
      >
        {chosen && "✓"}
      </span>
      <span className="min-w-0 flex-1 truncate">{label}</span>
      <span className="text-xs text-fg-subtle tnum">{note}</span>
    </CommandItem>
  );
}
