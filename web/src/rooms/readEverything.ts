import type { Room } from "../api/types";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import { sweep } from "../sync/sweep";

let running = false;

/** Every room is read; one press on the notice takes back what was done. */
export async function readEverything(engine: Engine) {
  if (running) return;
  running = true;
  try {
    const rooms = Object.values(engine.store.getState().rooms).filter((room) => room.unread > 0);
    if (rooms.length === 0) return;
    const done = await sweep(rooms, ({ id }) => engine.reading.readToEnd(id));
    const run = () => void takeBack(engine, done);
    const [part, count] = [done.length, rooms.length];
    toast(
      part === count ? m.all_read({ count }) : m.all_read_partly({ done: part, count }),
      undefined,
      part > 0 ? { label: m.undo(), run } : undefined,
    );
  } finally {
    running = false;
  }
}

async function takeBack({ reading }: Engine, rooms: readonly Room[]) {
  const done = await sweep(rooms, ({ id, last_read }) => reading.markUnread(id, last_read + 1));
  const [part, count] = [done.length, rooms.length];
  if (part < count) toast(m.all_unread_partly({ done: part, count }));
}
