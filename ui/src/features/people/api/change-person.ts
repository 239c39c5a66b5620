import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { tenantScope } from "@/lib/api/tenant-scope";
import type { Person } from "@/lib/api/types";

/** Lets a person in again or shuts them out: all their sessions, streams and tokens end within seconds. */
export function useSetActive(tenant: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ person, active }: { person: Person; active: boolean }) => {
      const params = { path: { id: person.id }, query: tenantScope(tenant) };
      return answer(
        active
          ? api.POST("/api/v1/users/{id}/activate", { params })
          : api.POST("/api/v1/users/{id}/deactivate", { params }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [tenant, "people"] }),
  });
}

/** Makes a link with which a person sets a new password. */
export function useMakeLink(tenant: string) {
  return useMutation({
    mutationFn: (person: Person) =>
      answer(
        api.POST("/api/v1/users/{id}/link", {
          params: { path: { id: person.id }, query: tenantScope(tenant) },
        }),
      ),
  });
}
