import { answer, api } from "@/lib/api/client";
import type { LintResult } from "@/lib/api/types";
import { tenantScope } from "@/lib/api/tenant-scope";

/** Asks the server's parser about a statement: its error with the position, or what it reads. */
export function lintQuery(tenant: string, sql: string, signal?: AbortSignal): Promise<LintResult> {
  return answer(
    api.POST("/api/v1/queries/lint", {
      params: { query: { tenant: tenantScope(tenant).tenant } },
      body: { sql },
      signal,
    }),
  );
}
