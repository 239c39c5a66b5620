import { Link } from "@tanstack/react-router";
import { useTenant } from "@/hooks/use-tenant";
import { cn } from "@/lib/cn";
import { visibleText } from "@/lib/visible-text";

/** An agent by its host name. */
export function AgentLink({ id, hostname, className }: { id: string; hostname: string; className?: string }) {
  const tenant = useTenant();
  return (
    <Link
      to="/t/$tenant/agents/$agentId"
      params={{ tenant, agentId: id }}
      title={hostname}
      className={cn(
        "truncate font-[550] underline-offset-2 hover:text-primary-text hover:underline",
        className,
      )}
    >
      {visibleText(hostname)}
    </Link>
  );
}
