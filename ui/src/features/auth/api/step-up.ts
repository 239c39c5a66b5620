import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";

/** Shows the server again who one is, for the minutes in which something dangerous is done. */
export function useStepUp() {
  return useMutation({
    mutationFn: (body: { password: string; code?: string }) =>
      answer(api.POST("/api/v1/auth/step-up", { body })),
  });
}
