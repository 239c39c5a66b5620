import { LogOut } from "lucide-react";
import { Badge } from "@/components/badge";
import { Panel } from "@/components/panel";
import { ErrorState } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { plural } from "@/lib/format";
import { notify } from "@/lib/toasts";
import { useEndOtherSessions, useEndSession, useSessions } from "../api/sessions";

/** Where one is signed in, and the way to end it. */
export function Sessions() {
  const sessions = useSessions();
  const end = useEndSession();
  const endOthers = useEndOtherSessions();
  const items = sessions.data?.items ?? [];
  return (
    <Panel
      title="Sessions"
      aside={
        items.length > 1 && (
          <Button
            size="small"
            disabled={endOthers.isPending}
            onClick={() => {
              endOthers.mutate(undefined, {
                onSuccess: ({ ended }) => {
                  notify(`Ended ${plural(ended, "other session")}`);
                },
                onError: (error) => {
                  notify(`Could not end the other sessions. ${explain(error)}`, "bad");
                },
              });
            }}
          >
            End all others
          </Button>
        )
      }
    >
      {sessions.isPending ? (
        <div role="status" className="p-3.5">
          <span className="sr-only">Loading the sessions</span>
          <Skeleton className="h-20" />
        </div>
      ) : sessions.isError ? (
        <ErrorState what="load the sessions" error={sessions.error} retry={() => void sessions.refetch()} />
      ) : (
        <ul className="mt-1">
          {items.map((session) => (
            <li key={session.id} className="flex items-center gap-3 border-t border-border px-3.5 py-2">
              <div className="min-w-0 flex-1">
                <p className="truncate font-[550]">{browserOf(session.user_agent)}</p>
                <p className="text-xs text-fg-muted">
                  <span className="font-mono">{session.address || "unknown"}</span> · used{" "}
                  <Time at={session.last_used_at} /> · ends <Time at={session.expires_at} />
                </p>
              </div>
              {session.current ? (
                <Badge tone="ok">This one</Badge>
              ) : (
                <Button
                  size="small"
                  disabled={end.isPending}
                  onClick={() => {
                    end.mutate(session.id);
                  }}
                >
                  <LogOut size={13} aria-hidden />
                  End
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** The browser and system of a user agent in words; what it says itself where they are not known. */
function browserOf(agent: string): string {
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /Firefox\//.test(agent)
      ? "Firefox"
      : /Chrome\//.test(agent)
        ? "Chrome"
        : /Safari\//.test(agent)
          ? "Safari"
          : null;
  const system = /Windows/.test(agent)
    ? "Windows"
    : /Mac OS X/.test(agent)
      ? "macOS"
      : /Linux/.test(agent)
        ? "Linux"
        : null;
  if (!browser) return agent || "Unknown program";
  return system ? `${browser} on ${system}` : browser;
}
