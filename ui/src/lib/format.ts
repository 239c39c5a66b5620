const counts = new Intl.NumberFormat();
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "short" });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** A number with the locale's digit groups and the minus sign of print. */
export function num(value: number): string {
  return counts.format(value).replace("-", "−");
}

/** `3 agents`, `1 agent`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${num(count)} ${count === 1 ? one : many}`;
}

/** `812 B`, `1.1 MB`, `18 GB`: thousands, as invoices count. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = count;
  let unit = 0;
  // What would be printed as 1,000 is one of the next unit.
  while (unit < units.length - 1 && Math.round(value) >= 1000) {
    value /= 1000;
    unit++;
  }
  return `${num(value < 10 && unit > 0 ? Math.round(value * 10) / 10 : Math.round(value))} ${units[unit]}`;
}

/** `38 ms`, `4.2 s`, `3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

const steps: [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** Relative under 7 days, then day and month. */
export function ago(time: Date, now: Date): string {
  const seconds = Math.round((time.getTime() - now.getTime()) / 1000);
  if (Math.abs(seconds) >= 7 * 86_400) return dayAndMonth.format(time);
  // Clocks differ by seconds, so what just happened may lie a little ahead.
  if (seconds > -5 && seconds < 20) return "now";
  const [size, unit] = steps.find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return relative.format(Math.trunc(seconds / size), unit).replace(".", "");
}

const pad = (part: number, width = 2) => String(part).padStart(width, "0");

/** `2026-11-14 09:12:44 UTC+1`: exact, sortable, with its zone. */
export function exactTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const hours = Math.trunc(Math.abs(offset) / 60);
  const minutes = Math.abs(offset) % 60;
  const zone =
    offset === 0 ? "UTC" : `UTC${offset < 0 ? "−" : "+"}${hours}${minutes ? `:${pad(minutes)}` : ""}`;
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${day} ${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())} ${zone}`;
}

/** Cuts a path in the middle, where it says least: `/usr/…/sbin/master`. */
export function cutPath(path: string, limit: number): string {
  if (path.length <= limit) return path;
  const tail = path.slice(-(Math.ceil(limit / 2) + 4));
  const slash = tail.indexOf("/");
  const end = slash > 0 && slash < tail.length - 4 ? tail.slice(slash) : tail;
  return `${path.slice(0, Math.max(1, limit - end.length - 1))}…${end}`;
}
