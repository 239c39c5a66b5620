import { useNavigate } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import { useTenant } from "@/hooks/use-tenant";
import { visibleText } from "@/lib/visible-text";
import { cn } from "@/lib/cn";

/**
 * An agent's name in a grid, reached with the grid's cursor and not with Tab. It is a plain link that the router takes over on
 * click: a routed link works out its target on each render, which is felt when forty of them scroll by.
 */
export function AgentCell({ id, hostname, className }: { id: string; hostname: string; className?: string }) {
  const tenant = useTenant();
  const navigate = useNavigate();
  const open = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ to: "/t/$tenant/agents/$agentId", params: { tenant, agentId: id } });
  };
  return (
    <a
      href={`/t/${encodeURIComponent(tenant)}/agents/${encodeURIComponent(id)}`}
      onClick={open}
      tabIndex={-1}
      title={hostname}
      className={cn(
        "truncate font-[550] underline-offset-2 hover:text-primary-text hover:underline",
        className,
      )}
    >
      {visibleText(hostname)}
    </a>
  );
}
