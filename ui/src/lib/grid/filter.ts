import { textOf, type Value } from "./column-store";

/** One column's filter as a person types it: `nginx`, `= tcp`, `≠ 10.4.0.3`, `> 1024`, `null`, `last 24h`, `before 7d`. */
export interface Filter {
  column: string;
  text: string;
}

const operators = ["!=", "≠", ">=", "≥", "<=", "≤", "=", ">", "<"] as const;

/** Whether a value passes a filter's text. Numbers compare as numbers, texts contain without regard to case. */
export function predicate(text: string): (value: Value) => boolean {
  const typed = text.trim();
  const span = /^(last|before) (\d{1,5})([mhd])$/.exec(typed);
  if (span) return withinSpan(span[1] === "last", Number(span[2]) * spanUnits[span[3] as "m" | "h" | "d"]);
  const operator = operators.find((each) => typed.startsWith(each));
  if (!operator) {
    if (typed.toLowerCase() === "null") return (value) => value === null;
    const wanted = typed.toLowerCase();
    return (value) => textOf(value).toLowerCase().includes(wanted);
  }
  const operand = typed.slice(operator.length).trim();
  const compare = comparator(operand);
  switch (operator) {
    case "=":
      return (value) => compare(value) === 0;
    case "!=":
    case "≠":
      return (value) => compare(value) !== 0;
    case ">":
      return (value) => compare(value) > 0;
    case ">=":
    case "≥":
      return (value) => compare(value) >= 0;
    case "<":
      return (value) => compare(value) < 0;
    case "<=":
    case "≤":
      return (value) => compare(value) <= 0;
  }
}

const spanUnits = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const timeText = /^\d{4}-\d{2}-\d{2}T/;

/** Whether a time, as the API writes it, lies in the milliseconds before now, or before them. What is no time passes neither. */
function withinSpan(last: boolean, milliseconds: number): (value: Value) => boolean {
  const border = Date.now() - milliseconds;
  return (value) => {
    if (typeof value !== "string" || !timeText.test(value)) return false;
    const at = Date.parse(value);
    return last ? at >= border : at < border;
  };
}

/** Compares values with an operand; NaN, which is neither less nor more nor equal, when they cannot be compared. */
function comparator(operand: string): (value: Value) => number {
  const number = operand === "" ? NaN : Number(operand);
  const lower = operand.toLowerCase();
  return (value) => {
    if (value === null) return operand.toLowerCase() === "null" ? 0 : NaN;
    const asNumber = typeof value === "number" ? value : value.trim() === "" ? NaN : Number(value);
    if (!Number.isNaN(number) && !Number.isNaN(asNumber)) return asNumber - number;
    const text = textOf(value).toLowerCase();
    return text < lower ? -1 : text > lower ? 1 : 0;
  };
}

/** Filters in an address: `port:>0,address:≠10.4.0.3`. */
export function parseFilters(text: string | undefined): Filter[] {
  return (text ?? "").split(",").flatMap((part) => {
    const colon = part.indexOf(":");
    if (colon < 1) return [];
    const filter = { column: decode(part.slice(0, colon)), text: decode(part.slice(colon + 1)) };
    return filter.text === "" ? [] : [filter];
  });
}

export function formatFilters(filters: Filter[]): string | undefined {
  const parts = filters
    .filter(({ text }) => text.trim() !== "")
    .map(({ column, text }) => `${encode(column, /[%,:]/g)}:${encode(text, /[%,]/g)}`);
  return parts.length > 0 ? parts.join(",") : undefined;
}

function encode(text: string, special: RegExp): string {
  return text.replace(special, (sign) => encodeURIComponent(sign));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % typed by hand stands for itself
  }
}

/** A sort in an address: `port` or, largest first, `-port`. */
export interface Sort {
  column: string;
  descending: boolean;
}

export function parseSort(text: string | undefined): Sort | null {
  if (!text) return null;
  return text.startsWith("-")
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

export function formatSort(sort: Sort | null): string | undefined {
  return sort ? `${sort.descending ? "-" : ""}${sort.column}` : undefined;
}
