import { Link } from "@tanstack/react-router";
import { Lock, Search } from "lucide-react";
import { Fragment } from "react";
import { Kbd } from "@/components/ui/kbd";
import { Tooltip } from "@/components/ui/tooltip";
import { useCan, useHas } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { cn } from "@/lib/cn";
import { pages } from "../pages";
import { Tenants } from "./tenants";
import { UserMenu } from "./user-menu";

interface SidebarProps {
  folded: boolean;
  onSearch: () => void;
  onShowKeys: () => void;
}

export function Sidebar({ folded, onSearch, onShowKeys }: SidebarProps) {
  const can = useCan();
  const has = useHas();
  const tenant = useTenant();
  return (
    <div
      className={cn(
        "no-print flex w-56 flex-none flex-col gap-0.5 border-r border-border bg-sidebar p-2",
        folded && "w-14",
      )}
    >
      <Tenants folded={folded} />
      <button
        type="button"
        onClick={onSearch}
        aria-label={folded ? "Search or run" : undefined}
        className={cn(
          "mt-1.5 mb-1 flex h-7.5 w-full items-center gap-2 rounded-sm border border-border bg-surface px-2 text-fg-subtle hover:border-border-strong",
          folded && "justify-center px-0",
        )}
      >
        <Search size={15} strokeWidth={1.75} aria-hidden />
        {!folded && (
          <>
            <span className="flex-1 text-left">Search or run</span>
            <Kbd keys={["Ctrl", "K"]} />
          </>
        )}
      </button>
      <nav aria-label="Pages" className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto">
        {pages
          .filter(({ permission }) => can(permission))
          .map(({ to, label, icon: Icon, key, group, feature }, index, shown) => {
            const link = (
              <Link
                to={to}
                params={{ tenant }}
                aria-label={folded ? label : undefined}
                className={cn(
                  "focus-inset flex h-7 items-center gap-2.5 rounded-sm px-2 font-[450] text-fg-muted hover:bg-hover",
                  folded && "h-8 justify-center px-0",
                )}
                activeProps={{
                  className:
                    "bg-surface text-fg font-[550] shadow-[0_0_0_1px_var(--border),var(--shadow-sm)] dark:bg-hover [&_svg]:text-primary-text",
                }}
              >
                <Icon size={15} strokeWidth={1.75} className="shrink-0 text-fg-subtle" aria-hidden />
                {!folded && <span className="flex-1">{label}</span>}
                {!folded && feature && !has(feature) && (
                  <Lock size={12} className="text-fg-subtle" aria-label="Not in this plan" />
                )}
              </Link>
            );
            return (
              <Fragment key={to}>
                {group && group !== shown.at(index - 1)?.group && !folded && (
                  <div className="px-2 pt-2.5 pb-1 text-2xs font-medium text-fg-subtle">{group}</div>
                )}
                <Tooltip
                  side="right"
                  content={
                    <span className="flex items-center gap-2">
                      {label} <Kbd keys={["G", key.toUpperCase()]} />
                    </span>
                  }
                >
                  {link}
                </Tooltip>
              </Fragment>
            );
          })}
      </nav>
      <div className="border-t border-border pt-1.5">
        <UserMenu folded={folded} onShowKeys={onShowKeys} />
      </div>
    </div>
  );
}
