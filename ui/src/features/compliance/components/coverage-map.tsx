import { CircleCheck, CircleSlash, CircleX, ShieldOff, TriangleAlert, type LucideIcon } from "lucide-react";
import type { Control } from "@/lib/api/types";
import { cn } from "@/lib/cn";
import { num } from "@/lib/format";

export type Standing = "fails" | "error" | "waived" | "passes" | "silent" | "none";

/** How a control stands: what is worst of its checks. A control that no check serves is told apart from one not judged. */
export function standingOf({ checks, score }: Control): Standing {
  if (score.failed > 0) return "fails";
  if (score.errors > 0) return "error";
  if (score.waived > 0) return "waived";
  if (score.passed > 0) return "passes";
  return (checks ?? []).length > 0 ? "silent" : "none";
}

export const standings: Record<Standing, { word: string; icon: LucideIcon; look: string }> = {
  fails: { word: "Fails", icon: CircleX, look: "border-bad-line bg-bad-bg text-bad-fg" },
  error: {
    word: "Could not be judged",
    icon: TriangleAlert,
    look: "border-high-line bg-high-bg text-high-fg",
  },
  waived: { word: "Waived", icon: ShieldOff, look: "border-warn-line bg-warn-bg text-warn-fg" },
  passes: { word: "Passes", icon: CircleCheck, look: "border-ok-line bg-ok-bg text-ok-fg" },
  silent: { word: "Not judged here", icon: CircleSlash, look: "border-off-line bg-off-bg text-off-fg" },
  none: {
    word: "No check",
    icon: CircleSlash,
    look: "border-border border-dashed bg-surface text-fg-subtle",
  },
};

/** A tile for each control, by group: colour, icon and number say how it stands. */
export function CoverageMap({
  controls,
  chosen,
  onChoose,
}: {
  controls: Control[];
  chosen: string | undefined;
  onChoose: (control: string) => void;
}) {
  const groups = new Map<string, Control[]>();
  for (const control of controls) {
    groups.set(control.group, [...(groups.get(control.group) ?? []), control]);
  }
  return (
    <div className="flex flex-col gap-4">
      {[...groups].map(([group, members]) => (
        <section key={group} aria-label={group || "Controls"}>
          <h2 className="pb-1.5 text-xs font-medium text-fg-muted">{group || "Controls"}</h2>
          <ul className="flex flex-wrap gap-1">
            {members.map((control) => {
              const standing = standingOf(control);
              const { word, icon: Icon, look } = standings[standing];
              return (
                <li key={control.control}>
                  <button
                    type="button"
                    aria-pressed={control.control === chosen}
                    onClick={() => {
                      onChoose(control.control);
                    }}
                    className={cn(
                      "inline-flex h-7 items-center gap-1 rounded-xs border px-1.5 text-xs font-medium tnum max-md:h-9",
                      look,
                      control.control === chosen && "outline-2 outline-offset-1 outline-ring",
                    )}
                  >
                    <Icon size={12} aria-hidden />
                    {control.control}
                    <span className="sr-only">
                      {control.title}: {word}
                    </span>
                    {control.score.failed > 0 && (
                      <span className="font-semibold">×{num(control.score.failed)}</span>
                    )}
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** How many controls stand how, each one a way to hide the others. */
export function CoverageLegend({
  controls,
  chosen,
  onChoose,
}: {
  controls: Control[];
  chosen: Standing | undefined;
  onChoose: (standing: Standing | undefined) => void;
}) {
  return (
    <div role="group" aria-label="Controls by standing" className="flex flex-wrap gap-1.5">
      {(Object.keys(standings) as Standing[]).map((standing) => {
        const { word, icon: Icon } = standings[standing];
        const count = controls.filter((control) => standingOf(control) === standing).length;
        if (count === 0) return null;
        return (
          <button
            key={standing}
            type="button"
            aria-pressed={standing === chosen}
            onClick={() => {
              onChoose(standing === chosen ? undefined : standing);
            }}
            className={cn(
              "inline-flex h-7 items-center gap-1.5 rounded-sm px-2 text-fg-muted hover:bg-hover max-md:h-9",
              standing === chosen && "bg-primary-soft text-primary-text hover:bg-primary-soft",
            )}
          >
            <Icon size={13} aria-hidden />
            {word} <span className="font-medium tnum">{num(count)}</span>
          </button>
        );
      })}
    </div>
  );
}
