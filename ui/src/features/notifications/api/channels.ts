import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, whole } from "@/lib/api/client";
import { tenantOnly } from "@/lib/api/tenant-scope";
import type { ChannelDraft } from "../channel-kinds";

const keyOf = (tenant: string) => [tenant, "channels"];

/** Whom the tenant's alerts are told to. */
export function useChannels(tenant: string, enabled = true) {
  return useQuery({
    queryKey: keyOf(tenant),
    enabled,
    queryFn: async ({ signal }) =>
      whole(await answer(api.GET("/api/v1/channels", { params: { query: tenantOnly(tenant) }, signal }))),
  });
}

/** Adds a channel, or changes the one named. A secret left out stays as it is; one that is made shows once. */
export function useSaveChannel(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, draft }: { id?: string; draft: ChannelDraft }) => {
      const query = tenantOnly(tenant);
      if (id === undefined) return answer(api.POST("/api/v1/channels", { params: { query }, body: draft }));
      const changed = await answer(
        api.PUT("/api/v1/channels/{id}", { params: { path: { id }, query }, body: draft }),
      );
      return { ...changed, signing_key: undefined };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(tenant) }),
  });
}

export function useDeleteChannel(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/channels/{id}", { params: { path: { id }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(tenant) }),
  });
}

/** Sends a test; what became of it stands in the answer and in the history. */
export function useTestChannel(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/channels/{id}/test", { params: { path: { id }, query: tenantOnly(tenant) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "notifications"] }),
  });
}

/** Makes a new signing key for a webhook; the old one signs beside it for a day. */
export function useRotateKey(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/channels/{id}/rotate", { params: { path: { id }, query: tenantOnly(tenant) } }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(tenant) }),
  });
}
