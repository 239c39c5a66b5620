/** How often something fired on each day, oldest first; days without are there with none. */
export function firingsByDay(
  firings: { at: string }[],
  from: string,
  to: string,
): { day: string; count: number }[] {
  const days = new Map<string, number>();
  const end = dayOf(to);
  // Half a day ahead of the change of day, so that an hour that is put back does not repeat one.
  for (let at = Date.parse(`${dayOf(from)}T12:00:00Z`); ; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (day > end) break;
    days.set(day, 0);
  }
  for (const { at } of firings) {
    const day = dayOf(at);
    const before = days.get(day);
    if (before !== undefined) days.set(day, before + 1);
  }
  return [...days].map(([day, count]) => ({ day, count }));
}

function dayOf(at: string): string {
  return new Date(at).toISOString().slice(0, 10);
}
