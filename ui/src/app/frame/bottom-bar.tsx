import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { pages } from "../pages";

const item =
  "focus-inset flex min-h-13 flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium text-fg-muted";

/** The navigation of a phone, where the console is for reading. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const can = useCan();
  const tenant = useTenant();
  return (
    <nav
      aria-label="Pages"
      className="no-print flex flex-none border-t border-border bg-surface pb-[env(safe-area-inset-bottom)]"
    >
      {pages
        .filter(({ permission, phone }) => phone && can(permission))
        .map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            params={{ tenant }}
            className={item}
            activeProps={{ className: "text-primary-text" }}
          >
            <Icon size={18} strokeWidth={1.75} aria-hidden />
            {label}
          </Link>
        ))}
      <button type="button" onClick={onSearch} className={item}>
        <Search size={18} strokeWidth={1.75} aria-hidden />
        Search
      </button>
    </nav>
  );
}
