import { Link } from "@tanstack/react-router";
import { useTenant } from "@/hooks/use-tenant";
import { cn } from "@/lib/cn";

/** An agent by its host name. In a grid it is reached with Enter, not with Tab. */
export function AgentLink({
  id,
  hostname,
  inGrid = false,
  className,
}: {
  id: string;
  hostname: string;
  inGrid?: boolean;
  className?: string;
}) {
  const tenant = useTenant();
  return (
    <Link
      to="/t/$tenant/agents/$agentId"
      params={{ tenant, agentId: id }}
      tabIndex={inGrid ? -1 : undefined}
      title={hostname}
      className={cn(
        "truncate font-[550] underline-offset-2 hover:text-primary-text hover:underline",
        className,
      )}
    >
      {hostname}
    </Link>
  );
}
