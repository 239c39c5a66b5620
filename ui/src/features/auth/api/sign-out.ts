import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { endSession } from "@/lib/api/session";

export function useSignOut() {
  return useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/logout")),
    // The person wants out even when the server cannot be reached: the token leaves memory in any case.
    onSettled: endSession,
  });
}
