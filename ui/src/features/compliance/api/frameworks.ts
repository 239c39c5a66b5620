import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantOnly, tenantScope } from "@/lib/api/tenant-scope";

/** A framework by its controls, with how each stands in the tenant and below. */
export function useFramework(tenant: string, framework: string) {
  return useQuery({
    queryKey: [tenant, "compliance", "framework", framework],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/compliance/frameworks/{framework}", {
          params: { path: { framework }, query: tenantScope(tenant) },
          signal,
        }),
      ),
    staleTime: 30_000,
  });
}

async function exportFramework(tenant: string, framework: string, format: "yaml" | "json"): Promise<string> {
  const { document } = await answer(
    api.GET("/api/v1/compliance/frameworks/{framework}/export", {
      params: { path: { framework }, query: { ...tenantOnly(tenant), format } },
    }),
  );
  return document;
}

/** A framework as a document that can be edited and put back. */
export function useFrameworkDocument(tenant: string, framework: string | null) {
  return useQuery({
    queryKey: [tenant, "compliance", "framework-document", framework],
    enabled: framework !== null,
    queryFn: () => exportFramework(tenant, framework ?? "", "yaml"),
  });
}

/** Fetches a framework as a file's text. */
export function useExportFramework(tenant: string) {
  return useMutation({
    mutationFn: ({ framework, format }: { framework: string; format: "yaml" | "json" }) =>
      exportFramework(tenant, framework, format),
  });
}

/** Stores a framework of the tenant's own, or its copy of another. */
export function useSaveFramework(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ framework, document }: { framework: string; document: string }) =>
      answer(
        api.PUT("/api/v1/compliance/frameworks/{framework}", {
          params: { path: { framework }, query: tenantOnly(tenant) },
          body: { document },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "compliance"] }),
  });
}

/** Removes a framework of the tenant's own; one that it stood in for holds again. */
export function useRemoveFramework(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (framework: string) =>
      answer(
        api.DELETE("/api/v1/compliance/frameworks/{framework}", {
          params: { path: { framework }, query: tenantOnly(tenant) },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "compliance"] }),
  });
}

/** What it would be worth to fix some checks everywhere. */
export function useWhatIf(tenant: string, framework: string, checks: string[]) {
  return useQuery({
    queryKey: [tenant, "compliance", "what-if", framework, checks],
    enabled: checks.length > 0,
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/v1/compliance/what-if", {
          params: { query: tenantScope(tenant) },
          body: { framework, checks },
          signal,
        }),
      ),
  });
}
