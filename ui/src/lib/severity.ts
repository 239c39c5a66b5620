/** Severities in the fixed order in which they are shown. */
export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

export const severityWords: Record<Severity, string> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  info: "Info",
};

/** A severity as the server wrote it; a word we do not know ranks as info rather than hiding the finding. */
export function severityOf(text: string): Severity {
  return severities.find((known) => known === text.toLowerCase()) ?? "info";
}

/** Orders severities, the worst first. */
export function compareSeverities(a: string, b: string): number {
  return severities.indexOf(severityOf(a)) - severities.indexOf(severityOf(b));
}
