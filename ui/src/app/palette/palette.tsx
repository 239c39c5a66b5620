import { useNavigate } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { Building2, Laptop, Moon, Sun, Table2 } from "lucide-react";
import { useState } from "react";
import { tenantsQuery } from "@/features/tenants/api/list-tenants";
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from "@/components/ui/command";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { useAgents } from "@/hooks/use-agents";
import { useCan } from "@/hooks/use-me";
import { useTables } from "@/hooks/use-tables";
import { useTenant } from "@/hooks/use-tenant";
import { isDark, setTheme } from "@/lib/theme";
import { pages } from "../pages";

/** Items of a kind shown at once: more are found by typing, not by scrolling. */
const shownAtOnce = 8;
type Kind = "all" | "actions" | "agents" | "tables" | "tenants";
const kinds: Record<string, Kind> = { ">": "actions", "@": "agents", "#": "tables", "/": "tenants" };

/** Pages, agents, tables, tenants and actions by name. `>` `@` `#` `/` narrow to one kind. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const can = useCan();
  const tenant = useTenant();
  const navigate = useNavigate();
  const agents = useAgents(tenant, can("agents.read"));
  const tables = useTables(can("query.run"));
  const tenants = useQuery({ ...tenantsQuery, enabled: can("tenants.read") });

  const kind = kinds[text.slice(0, 1)] ?? "all";
  const wanted = (kind === "all" ? text : text.slice(1)).trim().toLowerCase();
  const shows = (...of: Kind[]) => kind === "all" || of.includes(kind);
  const matches = (name: string) => name.toLowerCase().includes(wanted);
  // A page of every agent is noise: names appear once something is typed, or when their kind is asked for.
  const listed = wanted !== "" || kind !== "all";
  const run = (act: () => unknown) => () => {
    onClose();
    void act();
  };

  const foundPages = shows("actions")
    ? pages.filter(({ label, permission }) => can(permission) && matches(label))
    : [];
  const foundAgents =
    listed && shows("agents") ? (agents.data?.items ?? []).filter((agent) => matches(agent.hostname)) : [];
  const foundTables =
    listed && shows("tables") ? (tables.data ?? []).filter((table) => matches(table.name)) : [];
  const foundTenants = shows("tenants")
    ? (tenants.data?.items ?? []).filter((each) => matches(each.name) || matches(each.slug))
    : [];
  const themeAction = isDark() ? "Use the light theme" : "Use the dark theme";

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Search or run" headless className="w-[min(600px,calc(100vw-24px))]">
        <Command label="Search or run" shouldFilter={false} loop className="flex max-h-[60vh] flex-col">
          <CommandInput
            value={text}
            onValueChange={setText}
            placeholder="Page, agent, table or action"
            end={<Kbd keys={["Esc"]} />}
          />
          <CommandList label="Results">
            <CommandEmpty>Nothing of that name.</CommandEmpty>
            {foundPages.length > 0 && (
              <CommandGroup heading="Pages">
                {foundPages.map(({ to, label, icon: Icon, key }) => (
                  <CommandItem key={to} value={to} onSelect={run(() => navigate({ to, params: { tenant } }))}>
                    <Icon size={15} strokeWidth={1.75} aria-hidden />
                    <span className="flex-1">{label}</span>
                    <Kbd keys={["G", key.toUpperCase()]} />
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
            {foundAgents.length > 0 && (
              <CommandGroup heading="Agents">
                {foundAgents.slice(0, shownAtOnce).map(({ id, hostname, os_name, tenant_name }) => (
                  <CommandItem
                    key={id}
                    value={id}
                    onSelect={run(() =>
                      navigate({ to: "/t/$tenant/agents/$agentId", params: { tenant, agentId: id } }),
                    )}
                  >
                    <Laptop size={15} strokeWidth={1.75} aria-hidden />
                    <span className="flex-1 truncate">{hostname}</span>
                    <span className="truncate text-xs text-fg-subtle">
                      {os_name} · {tenant_name}
                    </span>
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
            {foundTables.length > 0 && (
              <CommandGroup heading="Tables">
                {foundTables.slice(0, shownAtOnce).map(({ name, doc }) => (
                  <CommandItem
                    key={name}
                    value={`table ${name}`}
                    onSelect={run(() =>
                      navigate({ to: "/t/$tenant/query", params: { tenant }, hash: `table=${name}` }),
                    )}
                  >
                    <Table2 size={15} strokeWidth={1.75} aria-hidden />
                    <span className="font-mono text-xs">{name}</span>
                    <span className="min-w-0 flex-1 truncate text-xs text-fg-subtle">{doc}</span>
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
            {foundTenants.length > 0 && listed && (
              <CommandGroup heading="Tenants">
                {foundTenants.slice(0, shownAtOnce).map(({ id, name, slug }) => (
                  <CommandItem
                    key={id}
                    value={id}
                    onSelect={run(() => navigate({ to: "/t/$tenant", params: { tenant: slug } }))}
                  >
                    <Building2 size={15} strokeWidth={1.75} aria-hidden />
                    <span className="flex-1 truncate">{name}</span>
                    <span className="text-xs text-fg-subtle">{slug}</span>
                  </CommandItem>
                ))}
              </CommandGroup>
            )}
            {shows("actions") && matches(themeAction) && (
              <CommandGroup heading="Actions">
                <CommandItem
                  value="theme"
                  onSelect={run(() => {
                    setTheme(isDark() ? "light" : "dark");
                  })}
                >
                  {isDark() ? <Sun size={15} aria-hidden /> : <Moon size={15} aria-hidden />}
                  {themeAction}
                </CommandItem>
              </CommandGroup>
            )}
          </CommandList>
          <div className="flex gap-4 border-t border-border px-3 py-2 text-2xs text-fg-subtle max-md:hidden">
            {Object.entries(kinds).map(([sign, name]) => (
              <span key={sign} className="inline-flex items-center gap-1.5">
                <Kbd keys={[sign]} /> {name}
              </span>
            ))}
          </div>
        </Command>
      </DialogContent>
    </Dialog>
  );
}
