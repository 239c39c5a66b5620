import { useSyncExternalStore } from "react";
import { stepUpAsked, subscribeStepUp } from "@/lib/api/step-up";

/** Whether a call waits for the person to show who they are. */
export function useStepUpAsked(): boolean {
  return useSyncExternalStore(subscribeStepUp, stepUpAsked);
}
