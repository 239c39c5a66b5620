import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, listAll, pageSize } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { paths } from "@/lib/api/schema";

export type ScanWish = paths["/api/v1/scan/trigger"]["post"]["requestBody"]["content"]["application/json"];

/** How often a scan that runs is looked at, in milliseconds. */
const followEvery = 2_000;

/** Scans of the tenant and below, the youngest first. */
export function useScans(tenant: string) {
  return useQuery({
    queryKey: [tenant, "scans", "list"],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/scans", {
            params: { query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: ({ state }) =>
      state.data?.items.some((scan) => scan.state === "running") ? followEvery : false,
  });
}

/** A scan as it goes; followed until it is over. */
export function useScan(tenant: string, id: string) {
  return useQuery({
    queryKey: [tenant, "scans", "one", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/scans/{id}", { params: { path: { id }, query: tenantScope(tenant) }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? followEvery : false),
  });
}

/** How a scan goes on each agent. */
export function useScanAgents(tenant: string, id: string, running: boolean) {
  return useQuery({
    queryKey: [tenant, "scans", "agents", id],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/scans/{id}/agents", {
            params: { path: { id }, query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: running ? followEvery : false,
  });
}

/** How each execution of a scan went, the log. */
export function useScanResults(tenant: string, id: string, running: boolean) {
  return useQuery({
    queryKey: [tenant, "scans", "results", id],
    queryFn: ({ signal }) =>
      listAll((cursor) =>
        answer(
          api.GET("/api/v1/scans/{id}/results", {
            params: { path: { id }, query: { ...tenantScope(tenant), limit: pageSize, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: running ? followEvery : false,
  });
}

/** Has agents run what they have scheduled now. */
export function useTriggerScan(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ScanWish) =>
      answer(api.POST("/api/v1/scan/trigger", { params: { query: tenantScope(tenant) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "scans"] }),
  });
}

export function useCancelScan(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/scans/{id}/cancel", { params: { path: { id }, query: tenantScope(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "scans"] }),
  });
}
