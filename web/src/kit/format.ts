/** Dates, times and numbers in the language of the interface. */
import { m } from "../paraglide/messages.js";
import { getLocale } from "./locale";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(name: string, options: Intl.DateTimeFormatOptions) {
  const key = `${getLocale()} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(getLocale(), options);
  formats.set(key, known);
  return known;
}

export const clockTime = (time: string) =>
  formatter("clock", { hour: "numeric", minute: "2-digit" }).format(new Date(time));

export const fullTime = (time: string) =>
  formatter("full", { dateStyle: "full", timeStyle: "short" }).format(new Date(time));

/** The hour if it is of today, else the day. */
export const shortTime = (time: string, now = Date.now()) =>
  dayOf(time) === dayOf(new Date(now).toISOString())
    ? clockTime(time)
    : formatter("day-clock", {
        day: "numeric",
        month: "short",
        hour: "numeric",
        minute: "2-digit",
      }).format(new Date(time));

export const shortDate = (time: string) =>
  formatter("short", { day: "numeric", month: "short", year: "numeric" }).format(new Date(time));

/** The calendar day, here, of a moment. */
export const dayOf = (time: string) => {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

export function dayName(time: string, now = Date.now()): string {
  const day = dayOf(time);
  if (day === dayOf(new Date(now).toISOString())) return m.day_today();
  if (day === dayOf(new Date(now - 86_400_000).toISOString())) return m.day_yesterday();
  const date = new Date(time);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? formatter("day", { weekday: "long", day: "numeric", month: "long" }).format(date)
    : formatter("day-year", { day: "numeric", month: "long", year: "numeric" }).format(date);
}

/** Unread numbers: the server stops counting at 1,000. */
export const unreadCount = (unread: number) => (unread > 999 ? "999+" : String(unread));

/** A size of a file. */
export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let at = 0;
  let value = count;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat(getLocale(), {
    style: "unit",
    unit: units[at],
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
  }).format(value);
}

/** A time that something takes, in minutes when it is long. */
export function seconds(count: number): string {
  const long = count >= 90;
  return new Intl.NumberFormat(getLocale(), {
    style: "unit",
    unit: long ? "minute" : "second",
    unitDisplay: "short",
    maximumFractionDigits: 0,
  }).format(Math.max(1, long ? count / 60 : count));
}

export const names = (list: readonly string[]) =>
  new Intl.ListFormat(getLocale(), { type: "conjunction" }).format(list);
