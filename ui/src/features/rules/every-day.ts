/** A count for each day of UTC from one moment to another, oldest first; days that are not told have none. */
export function everyDay(
  told: { day: string; fired: number }[],
  from: string,
  to: string,
): { day: string; fired: number }[] {
  const byDay = new Map(told.map(({ day, fired }) => [day, fired]));
  const days: { day: string; fired: number }[] = [];
  const last = dayOf(to);
  for (let at = Date.parse(`${dayOf(from)}T00:00:00Z`); ; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (day > last) return days;
    days.push({ day, fired: byDay.get(day) ?? 0 });
  }
}

function dayOf(at: string): string {
  return new Date(at).toISOString().slice(0, 10);
}
