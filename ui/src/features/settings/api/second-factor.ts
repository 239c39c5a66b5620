import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

const key = ["me", "totp"];

export function useSecondFactor() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/me/totp", { signal })),
  });
}

/** Makes a secret; it counts once a first code has confirmed it. */
export function useMakeFactor() {
  return useMutation({ mutationFn: () => answer(api.POST("/api/v1/me/totp", {})) });
}

export function useConfirmFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => answer(api.POST("/api/v1/me/totp/confirm", { body: { code } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useNewRecoveryCodes() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/v1/me/totp/recovery-codes", {})),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useDropFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/me/totp", {})),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
