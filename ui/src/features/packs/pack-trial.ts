import type { ConfigLayer } from "@/lib/api/types";

type Content = ConfigLayer["content"];

/** A version of a pack that the tenant's layer gives to agents instead of the pack's present text. */
export interface PackTrial {
  number: number;
  /** The canary in per cent of the agents. */
  percent: number;
  state: ConfigLayer["state"];
  /** Why it was taken back. */
  reason: string;
  since: string;
}

/** What the tenant itself says of its agents' configuration. */
export function tenantLayer(layers: ConfigLayer[]): ConfigLayer | undefined {
  return layers.find(({ kind }) => kind === "tenant");
}

/** The version of a pack that is tried, or was and has been taken back by itself. */
export function trialOf(layer: ConfigLayer | undefined, pack: string): PackTrial | null {
  const number = layer?.content.pack_versions?.[pack];
  if (!layer || !number || layer.before?.pack_versions?.[pack] === number) return null;
  const { canary_percent: percent, state, reason, changed_at: since } = layer;
  return { number, percent, state, reason, since };
}

/** Whether the layer tries something that is not this pack's version: two tries at once could not be told apart. */
export function triesOther(layer: ConfigLayer | undefined, pack: string): boolean {
  return layer?.state === "rolling" && trialOf(layer, pack) === null;
}

/**
 * What the layer says with a version of a pack, or with null without any; the rest of it stays. Of a layer that is not given to
 * all, what held before is what stays.
 */
export function contentWith(layer: ConfigLayer | undefined, pack: string, number: number | null): Content {
  const now = (layer?.state === "done" ? layer.content : layer?.before) ?? {};
  const others = Object.entries(now.pack_versions ?? {}).filter(([name]) => name !== pack);
  return {
    ...now,
    pack_versions: Object.fromEntries(number === null ? others : [...others, [pack, number]]),
  };
}
