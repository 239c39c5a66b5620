import { useEffect, useState } from "react";
import type { Connection } from "./console-events";

/** Of a stream that is lost: seconds since then and until the next try, told anew each second; null while it is not lost. */
export function useLostFor(connection: Connection): { lost: number; retryIn: number } | null {
  const waiting = connection.state === "waiting";
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [waiting]);
  if (connection.state !== "waiting") return null;
  const seconds = (milliseconds: number) => Math.max(0, Math.ceil(milliseconds / 1000));
  return { lost: seconds(now - connection.since), retryIn: Math.max(1, seconds(connection.retryAt - now)) };
}
