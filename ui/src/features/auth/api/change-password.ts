import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api/client";
import { startSession } from "@/lib/api/session";

export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
}

/** Sets a new password. All sessions with the old one end, and the answer starts a new one. */
async function changePassword({ currentPassword, newPassword }: PasswordChange): Promise<void> {
  const token = await answer(
    api.POST("/api/v1/auth/password", {
      body: { current_password: currentPassword, new_password: newPassword },
    }),
  );
  startSession(token);
}

export function useChangePassword() {
  return useMutation({ mutationFn: changePassword });
}
