import { Link, type LinkProps } from "@tanstack/react-router";

/** Tabs that are addresses: only for different things, never for steps. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { label: string; link: LinkProps; exact?: boolean }[];
}) {
  return (
    <nav aria-label={label} className="no-print flex flex-none gap-0.5 overflow-x-auto px-4 pb-2">
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          {...tab.link}
          activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}
          className="inline-flex h-7 flex-none items-center rounded-sm px-2.5 font-medium text-fg-muted hover:bg-hover max-md:h-9"
          activeProps={{ className: "bg-primary-soft text-primary-text hover:bg-primary-soft" }}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
