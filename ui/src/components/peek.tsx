import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useHotkey } from "@/hooks/use-hotkey";

/** A record beside its list: everything about it without leaving the list. Esc closes it. */
export function Peek({
  label,
  title,
  badges,
  subtitle,
  links,
  actions,
  onClose,
  children,
}: {
  label: string;
  title: ReactNode;
  badges?: ReactNode;
  subtitle?: ReactNode;
  links?: ReactNode;
  /** What can be done with the record; stands at the foot. */
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  useHotkey("escape", onClose);
  return (
    <aside
      aria-label={label}
      className="flex w-[420px] flex-none animate-enter flex-col border-l border-border bg-surface max-md:hidden xl:w-[480px]"
    >
      <div className="flex flex-none items-start gap-2 border-b border-border px-4 py-3">
        <div className="min-w-0 flex-1">
          {badges && <div className="mb-1.5 flex flex-wrap items-center gap-1.5">{badges}</div>}
          <h2 className="text-lg font-semibold break-words">{title}</h2>
          {subtitle && <p className="text-fg-muted">{subtitle}</p>}
        </div>
        {links}
        <Button variant="ghost" size="icon-small" aria-label="Close" onClick={onClose}>
          <X size={15} />
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">{children}</div>
      {actions && (
        <div className="flex flex-none flex-wrap gap-2 border-t border-border px-4 py-2.5">{actions}</div>
      )}
    </aside>
  );
}

/** A named part of a peek. */
export function PeekSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-5">
      <h3 className="mb-1.5 text-2xs font-medium text-fg-subtle">{title}</h3>
      {children}
    </section>
  );
}
