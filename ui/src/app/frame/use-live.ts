import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { tenantScope } from "@/lib/api/tenant-scope";
import { followEvents, type Connection } from "./console-events";

export interface Live {
  connection: Connection;
  /** Tries again now, without waiting. */
  retry: () => void;
}

/** Follows the tenant's events while `enabled`. A browser that finds its network again tries at once. */
export function useLive(tenant: string, enabled: boolean): Live {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ state: "connecting" });
  const [wake] = useState(() => new EventTarget());
  const retry = () => {
    wake.dispatchEvent(new Event("wake"));
  };

  useEffect(() => {
    if (!enabled) return;
    const ended = new AbortController();
    const scope = new URLSearchParams(
      Object.entries(tenantScope(tenant)).map(([name, value]) => [name, String(value)]),
    );
    void followEvents(tenant, `/api/v1/events?${scope}`, queries, setConnection, wake, ended.signal);
    window.addEventListener("online", () => wake.dispatchEvent(new Event("wake")), { signal: ended.signal });
    return () => {
      ended.abort();
    };
  }, [tenant, enabled, queries, wake]);

  return { connection, retry };
}
