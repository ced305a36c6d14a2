/** Whether somebody wants to be told now; the server asks the same before it pushes. */
import type { NoticeChoices, Notices } from "../api/types";

const HOUR_MIN = 60;

const clock = (timeZone: string) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

/** Minutes since midnight on the wall of a time zone; of UTC where the browser has no such zone. */
function minuteThere(timeZone: string, now: Date): number {
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = clock(timeZone).formatToParts(now);
  } catch {
    parts = clock("UTC").formatToParts(now);
  }
  const number = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return number("hour") * HOUR_MIN + number("minute");
}

function isQuiet({ quiet_hours: hours }: NoticeChoices, now: Date): boolean {
  if (!hours) return false;
  const { from_minute: from, to_minute: to } = hours;
  const minute = minuteThere(hours.time_zone, now);
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Whether a call in `room` is told at `now`. */
export function wantsCall({ everywhere, rooms }: Notices, room: string, now: Date): boolean {
  const own = rooms.find((one) => one.room === room);
  if (own?.muted_until && Date.parse(own.muted_until) > now.getTime()) return false;
  if ((own?.level ?? everywhere.level) === "none") return false;
  return !isQuiet(everywhere, now);
}
