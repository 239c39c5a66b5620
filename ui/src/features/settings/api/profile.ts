import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

export function useChangeProfile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; time_zone: string }) => answer(api.PATCH("/api/v1/me", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}
