import { Lock, RotateCw, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, explain } from "@/lib/api/problem";
import { cn } from "@/lib/cn";
import { CopyButton } from "./copy-button";
import { Button } from "./ui/button";

/** Nothing to show: what would be here, why it is not, and the one next step. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
  className,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn("flex flex-col items-center gap-3 px-6 py-12 text-center", className)}>
      <span className="grid size-9 place-items-center rounded-md border border-border bg-surface text-fg-subtle shadow-sm">
        <Icon size={17} strokeWidth={1.75} aria-hidden />
      </span>
      <div className="max-w-120">
        <p className="text-md font-semibold">{title}</p>
        {children && <div className="mt-1 text-fg-muted">{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** What the tenant's plan lacks: the server's words name the plan that has it. It is no failure, and asking again changes nothing. */
export function LockedState({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <EmptyState icon={Lock} title="Not in this plan" className={className}>
      <p className="first-letter:uppercase">{children}.</p>
      <p className="mt-1">Whoever manages the tenant from above can change its plan on the page Tenants.</p>
    </EmptyState>
  );
}

/** A load that failed: what, why, the request to quote, and Retry. */
export function ErrorState({
  what,
  error,
  retry,
  className,
}: {
  /** What could not be done: "load the agents". */
  what: string;
  error: unknown;
  retry?: () => void;
  className?: string;
}) {
  if (error instanceof ApiError && error.code === "tier_required") {
    return <LockedState className={className}>{explain(error)}</LockedState>;
  }
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div role="alert" className={cn("flex flex-col items-center gap-3 px-6 py-12 text-center", className)}>
      <span className="grid size-9 place-items-center rounded-md bg-bad-bg text-bad-fg shadow-[inset_0_0_0_1px_var(--bad-line)]">
        <TriangleAlert size={17} strokeWidth={1.75} aria-hidden />
      </span>
      <div className="max-w-120">
        <p className="text-md font-semibold">Could not {what}</p>
        <p className="mt-1 text-fg-muted">{explain(error)}</p>
        {requestId && (
          <p className="mt-1 flex items-center justify-center gap-1 text-xs text-fg-subtle">
            Request <code className="font-mono">{requestId}</code>
            <CopyButton text={requestId} label="Copy the request id" />
          </p>
        )}
      </div>
      {retry && (
        <Button onClick={retry}>
          <RotateCw size={15} strokeWidth={1.75} aria-hidden />
          Retry
        </Button>
      )}
    </div>
  );
}
