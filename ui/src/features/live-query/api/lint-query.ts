import { answer, api } from "@/lib/api/client";
import type { LintResult } from "@/lib/api/types";
import { tenantScope } from "@/lib/api/tenant-scope";

/**
 * Asks the server's parser about a statement: its error with the position, or what it reads. Over stored rows each table has the
 * columns agent, hostname, tenant and seen_from besides, so that the parser has to know whom the statement asks.
 */
export function lintQuery(
  tenant: string,
  sql: string,
  mode: "live" | "last_known" | "as_of",
  signal?: AbortSignal,
): Promise<LintResult> {
  return answer(
    api.POST("/api/v1/queries/lint", {
      params: { query: { tenant: tenantScope(tenant).tenant } },
      body: { sql, mode },
      signal,
    }),
  );
}
