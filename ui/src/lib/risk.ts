/** A risk of 0 to 100 in words; the zones of the gauge end where the words change. */
export const riskZones = [
  { to: 25, word: "Low", colour: "var(--ok)" },
  { to: 50, word: "Moderate", colour: "var(--medium)" },
  { to: 75, word: "High", colour: "var(--high)" },
  { to: 100, word: "Critical", colour: "var(--critical)" },
] as const;

export function riskWord(score: number): string {
  return (riskZones.find(({ to }) => score < to) ?? riskZones[3]).word;
}
