/** Whether somebody wants to be told now; the server asks the same before it pushes. */
import type { Message, NoticeChoices, Notices } from "../api/types";
import { inRoom } from "../sync/room-timeline";

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

/** How a message stands to the person who may be told of it. */
export interface Standing {
  readonly me: string;
  /** Its room is between the two of us. */
  readonly direct: boolean;
  /** I follow the thread that it is in. */
  readonly follows: boolean;
  /** The server said that it calls me: whom a reply or `@here` means, it alone knows. */
  readonly called: boolean;
  readonly notices: Notices;
  readonly now: Date;
}

function callsMe(message: Message, { me, direct, follows, called }: Standing): boolean {
  const { mentions = [], everyone, quote } = message;
  if (called || direct || follows || everyone === "room") return true;
  return quote?.sender.id === me || mentions.some(({ id }) => id === me);
}

/** Whether a message that is not on the screen is told: by my choices, not while it is quiet. */
export function isTold(message: Message, standing: Standing): boolean {
  const { me, now } = standing;
  const { everywhere, rooms } = standing.notices;
  if (message.sender.id === me || message.deleted) return false;
  const own = rooms.find(({ room }) => room === message.room);
  if (own?.muted_until && Date.parse(own.muted_until) > now.getTime()) return false;
  const level = own?.level ?? everywhere.level;
  const eager = level === "all" && inRoom(message);
  return level !== "none" && (eager || callsMe(message, standing)) && !isQuiet(everywhere, now);
}
