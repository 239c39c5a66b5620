import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import type { Connection } from "./console-events";

const words: Record<Connection["state"], { word: string; means: string }> = {
  connecting: { word: "Connecting", means: "Opens the stream of changes." },
  live: { word: "Live", means: "Changes arrive by themselves." },
  waiting: {
    word: "Reconnecting",
    means: "The stream of changes is lost and is being opened again. What you see may be old.",
  },
};

/** Says whether the page is live. */
export function LiveIndicator({ connection }: { connection: Connection }) {
  const { word, means } = words[connection.state];
  return (
    <Tooltip content={means}>
      <span
        role="status"
        // It explains itself on hover, so it has to be reachable by keyboard as well.
        tabIndex={0}
        className="inline-flex items-center gap-1.5 rounded-xs px-1.5 text-xs text-fg-muted"
      >
        <span
          aria-hidden
          className={cn(
            "size-[7px] rounded-full",
            connection.state === "live" && "bg-ok shadow-[0_0_0_3px_var(--ok-bg)]",
            connection.state === "connecting" && "bg-off",
            connection.state === "waiting" && "bg-warn shadow-[0_0_0_3px_var(--warn-bg)]",
          )}
        />
        {word}
      </span>
    </Tooltip>
  );
}
