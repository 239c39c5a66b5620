import { useMutation, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

/** Whether one's role wants a second factor that one has not set up. */
export async function lacksFactor(): Promise<boolean> {
  const { required, enabled } = await answer(api.GET("/api/v1/me/totp"));
  return required && !enabled;
}

/** A new secret; it counts once a first code has confirmed it. */
export function useNewFactor() {
  return useQuery({
    queryKey: ["me", "totp", "new"],
    queryFn: () => answer(api.POST("/api/v1/me/totp", {})),
    // Each call replaces the secret before it, so a page asks once.
    staleTime: Infinity,
    gcTime: 0,
  });
}

export function useConfirmNewFactor() {
  return useMutation({
    mutationFn: (code: string) => answer(api.POST("/api/v1/me/totp/confirm", { body: { code } })),
  });
}

/** Whether the server serves one without a second factor: where it insists on one, this fails with its words. */
export async function mayGoOn(): Promise<void> {
  await answer(api.GET("/api/v1/tenants", { params: { query: { limit: 1 } } }));
}
