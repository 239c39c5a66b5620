import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

const key = ["me", "sessions"];

export function useSessions() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/me/sessions", { signal })),
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/v1/me/sessions/end-others", {})),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
