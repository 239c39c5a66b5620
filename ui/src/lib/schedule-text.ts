/** When a query runs, as the API says it: by a time of the clock where `at` is set, by the interval otherwise. */
interface Schedule {
  interval_seconds: number;
  at?: string;
  zone?: string;
}

/** `every 10 min`; `at mon-fri 09:00, Europe/Berlin`. */
export function scheduleText({ interval_seconds: seconds, at, zone }: Schedule): string {
  if (at) return `at ${at}, ${zoneText(zone)}`;
  if (seconds % 86_400 === 0) return `every ${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `every ${seconds / 3600} h`;
  if (seconds % 60 === 0) return `every ${seconds / 60} min`;
  return `every ${seconds} s`;
}

function zoneText(zone: string | undefined): string {
  if (!zone) return "the endpoint’s time";
  return zone === "tenant" ? "the tenant’s time" : zone;
}
