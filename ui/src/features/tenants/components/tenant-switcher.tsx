import { Check, ChevronsUpDown } from "lucide-react";
import { useMemo, useState } from "react";
import { ErrorState } from "@/components/states";
import { Command, CommandEmpty, CommandInput, CommandItem, CommandList } from "@/components/ui/command";
import { Kbd } from "@/components/ui/kbd";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Skeleton } from "@/components/ui/skeleton";
import { useHotkey } from "@/hooks/use-hotkey";
import { cn } from "@/lib/cn";
import { num } from "@/lib/format";
import { inTreeOrder } from "@/lib/tenant-tree";
import { useTenants } from "../api/list-tenants";

interface TenantSwitcherProps {
  current: { slug: string; name: string };
  /** Whether the person may see other tenants; without it there is nothing to switch. */
  canSwitch: boolean;
  folded: boolean;
  onSwitch: (slug: string) => void;
}

/** The tenant one works in, and a searchable tree of the others. */
export function TenantSwitcher({ current, canSwitch, folded, onSwitch }: TenantSwitcherProps) {
  const [open, setOpen] = useState(false);
  useHotkey(
    "t",
    () => {
      setOpen(true);
    },
    canSwitch,
  );
  const tenants = useTenants(canSwitch);
  const tree = useMemo(() => inTreeOrder(tenants.data?.items ?? []), [tenants.data]);
  const here = tree.find(({ tenant }) => tenant.slug === current.slug);
  const name = here?.tenant.name ?? current.name;

  const face = (
    <>
      <span
        aria-hidden
        className="grid size-6.5 shrink-0 place-items-center rounded-[7px] bg-[#0b6d7e] text-xs font-[650] text-[#fff]"
      >
        {name.slice(0, 1).toUpperCase()}
      </span>
      {!folded && (
        <>
          <span className="min-w-0 flex-1 text-left">
            <b className="block truncate leading-4 font-semibold">{name}</b>
            <small className="block truncate text-2xs font-normal text-fg-subtle">
              {here && here.path.length > 0 ? here.path.join(" / ") : current.slug}
            </small>
          </span>
          {canSwitch && <ChevronsUpDown size={13} className="shrink-0 text-fg-subtle" aria-hidden />}
        </>
      )}
    </>
  );
  const faceClass = "flex min-h-9 w-full items-center gap-2.5 rounded-sm px-1.5 py-1";
  if (!canSwitch) return <div className={faceClass}>{face}</div>;

  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger
        className={cn(
          faceClass,
          "hover:bg-hover data-[state=open]:bg-hover",
          folded && "justify-center px-0",
        )}
      >
        {face}
        <span className="sr-only">{folded ? `${name}: switch tenant` : "Switch tenant"}</span>
      </PopoverTrigger>
      <PopoverContent className="w-90" aria-label="Tenants">
        {tenants.isError ? (
          <ErrorState
            what="load the tenants"
            error={tenants.error}
            retry={() => void tenants.refetch()}
            className="py-6"
          />
        ) : (
          <Command label="Tenants" className="flex max-h-105 flex-col">
            <CommandInput placeholder="Find a tenant" end={<Kbd keys={["T"]} />} />
            <CommandList label="Tenants">
              {tenants.isPending && <Skeleton className="m-2 h-24" />}
              <CommandEmpty>No tenant of that name.</CommandEmpty>
              {tree.map(({ tenant, depth, path }) => (
                <CommandItem
                  key={tenant.id}
                  value={[...path, tenant.name, tenant.slug].join(" / ")}
                  onSelect={() => {
                    setOpen(false);
                    onSwitch(tenant.slug);
                  }}
                >
                  <span className="min-w-0 flex-1 truncate" style={{ paddingInlineStart: depth * 14 }}>
                    {tenant.name}
                    {tenant.status !== "active" && (
                      <span className="ml-2 text-xs text-fg-subtle">{tenant.status}</span>
                    )}
                  </span>
                  <span className="text-xs text-fg-subtle tnum">{num(tenant.agents)} agents</span>
                  <Check size={13} aria-hidden className={tenant.slug === current.slug ? "" : "invisible"} />
                </CommandItem>
              ))}
            </CommandList>
          </Command>
        )}
      </PopoverContent>
    </Popover>
  );
}
