import { useSyncExternalStore } from "react";
import { acting, subscribeActing, type Acting } from "@/lib/api/acting";

/** In whose place one acts now; null as oneself. */
export function useActing(): Acting | null {
  return useSyncExternalStore(subscribeActing, acting);
}
