/** Changes of each day, oldest first, days without one included; days are the person's own. */
export function dayCounts(times: string[], days: number, now: Date): { day: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const time of times) {
    const day = dayOf(new Date(time));
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return Array.from({ length: days }, (_, index) => {
    const date = new Date(now);
    date.setDate(date.getDate() - (days - 1 - index));
    const day = dayOf(date);
    return { day, count: counts.get(day) ?? 0 };
  });
}

/** A day as it stands in the address, by the person's clock: `2026-11-24`. */
export function dayOf(time: Date): string {
  const part = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${part(time.getMonth() + 1)}-${part(time.getDate())}`;
}
