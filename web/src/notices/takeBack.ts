/** Takes back what the browser's worker shows of messages, once they were read on any device. */
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import { oneAtATime } from "../kit/oneAtATime";
import { parseRoute } from "../kit/router";
import type { Engine } from "../sync/engine";
import type { SyncState } from "../sync/state";

/** What is read at once, or told in several ways, is looked for once. */
const DELAY_MS = 500;
/** Of more than anybody looks through, these are looked for. */
const SHOWN_MAX = 50;

interface Shown {
  readonly notice: Notification;
  readonly room: string;
  readonly thread?: string;
  readonly message: string;
}

/** From now on until `signal`; also what was read before this page was opened. */
export function takeBackRead({ store }: Engine, signal: AbortSignal) {
  if (!("serviceWorker" in navigator)) return;
  // What fails is looked for again when the next is read.
  const look = oneAtATime(() => takeBack(store.getState()).catch(() => undefined));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      look();
    }, DELAY_MS);
  };
  const end = store.subscribe((now, before) => isMoreRead(now, before) && soon());
  signal.addEventListener("abort", () => {
    end();
    clearTimeout(timer);
  });
  soon();
}

function isMoreRead(now: SyncState, before: SyncState): boolean {
  if (now.roomsStatus !== before.roomsStatus) return true;
  const { mentions, threads } = now.forMe;
  if (mentions < before.forMe.mentions || threads < before.forMe.threads) return true;
  if (now.rooms === before.rooms) return false;
  return Object.values(now.rooms).some(
    ({ id, last_read: lastRead }) => lastRead > (before.rooms[id]?.last_read ?? Infinity),
  );
}

async function takeBack({ rooms, roomsStatus }: SyncState) {
  const shown = roomsStatus === "ready" ? await allShown() : [];
  if (shown.length === 0) return;
  const { items } = await api.inbox(false);
  const readThere = new Set(items.filter(({ read }) => read).map(({ message }) => message.id));
  const inThread = lastReadInThreads();
  for (const { notice, room, thread, message } of shown) {
    const upTo = async () => (thread ? inThread(room, thread) : (rooms[room]?.last_read ?? 0));
    if (readThere.has(message) || (await isRead(room, message, upTo))) notice.close();
  }
}

async function allShown(): Promise<Shown[]> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const notices = (await registration?.getNotifications()) ?? [];
  return notices.slice(0, SHOWN_MAX).flatMap((notice) => {
    const { url } = (notice.data ?? {}) as { url?: string };
    const route = parseRoute(url ?? "");
    if (route.page !== "room" || !route.message) return [];
    const { room, thread, message } = route;
    return [{ notice, room, thread, message }];
  });
}

/** Asks once for each thread. */
function lastReadInThreads() {
  const asked = new Map<string, Promise<number>>();
  return (room: string, thread: string): Promise<number> => {
    const known = asked.get(thread);
    if (known) return known;
    const lastRead = api.thread(room, thread, { limit: 1 }).then((page) => page.last_read);
    asked.set(thread, lastRead);
    return lastRead;
  };
}

/** What is there no more cannot be read any more, either. */
async function isRead(room: string, id: string, upTo: () => Promise<number>): Promise<boolean> {
  try {
    const message = await api.message(room, id);
    return message.deleted || message.seq <= (await upTo());
  } catch (error) {
    if (asProblem(error).status === 404) return true;
    throw error;
  }
}
