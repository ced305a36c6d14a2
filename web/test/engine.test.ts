/** The engine against a server that loses acknowledgements and events and cuts connections. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../src/api/client";
import { inMemory } from "../src/kit/storage";
import { Engine } from "../src/sync/engine";
import { type Link, type LinkListener, openLink } from "../src/sync/link";
import type { Notice } from "../src/sync/state";
import { startMockServer } from "./mock-server/server.mjs";

type Server = Awaited<ReturnType<typeof startMockServer>>;
type Person = ReturnType<Server["world"]["addPerson"]>;

let server: Server;
const engines: Engine[] = [];
const queues = new Map<string, Promise<void>>();

const until = async (what: string, holds: () => boolean, timeoutMs = 25_000) => {
  const deadline = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

async function clientOf(person: Person) {
  const made = await startedOf(person, (link) => link);
  const { store } = made.engine;
  await until("connected", () => store.getState().connection === "live");
  return made;
}

/** Has read the list of rooms; its connection is as slow as `through` makes it. */
async function startedOf(person: Person, through: (link: Link) => Link) {
  const headers = { cookie: `tertulia-mock=${person.username}` };
  const api = createApi(server.url, headers);
  const notices: Notice[] = [];
  const news: string[] = [];
  const open = (listener: LinkListener) => openLink(listener, { url: server.url, headers });
  const storage = inMemory();
  const engine = new Engine(await api.me(), {
    api,
    shelf: storage.outbox,
    openLink: (listener) => through(open(listener)),
    exclusively(name, work) {
      const key = `${person.id} ${name}`;
      const next = (queues.get(key) ?? Promise.resolve()).then(work, work);
      queues.set(key, next);
      return next;
    },
    online: () => true,
    tellOtherTabs: () => undefined,
    withIds: async (_room, text) => text,
    happenings: {
      notice: (notice) => notices.push(notice),
      news: (event) => event.type === "message" && news.push(event.text ?? ""),
      inboxChanged: () => undefined,
      roomFound: () => undefined,
      called: () => undefined,
      resumed: () => undefined,
      threadFollowed: () => undefined,
      noticesChanged: () => undefined,
      draftChanged: () => undefined,
      clipChanged: () => undefined,
      savedChanged: () => undefined,
    },
  });
  engines.push(engine);
  await engine.start();
  return { engine, api, notices, news };
}

const shown = (engine: Engine, room: string) =>
  engine.store.getState().views[room]?.window.items.map(({ id, text }) => [id, text]) ?? [];

beforeEach(async () => {
  server = await startMockServer();
});

afterEach(async () => {
  for (const engine of engines.splice(0)) engine.stop();
  await server.close();
});

function roomOfTwo() {
  const ana = server.world.addPerson("ana", "Ana");
  const ben = server.world.addPerson("ben", "Ben");
  const room = server.world.addRoom("private", "two", "", ana);
  server.world.addMember(room, ben, "member", ana);
  const truth = () => [...room.messages.values()].map(({ id, text }) => [id, text]);
  return { ana, ben, room, truth };
}

describe("two people and a bad network", () => {
  it("lose nothing, double nothing and agree on the order", async () => {
    const { ana, ben, room, truth } = roomOfTwo();
    const one = await clientOf(ana);
    const two = await clientOf(ben);
    await Promise.all([one.engine.openRoom(room.id), two.engine.openRoom(room.id)]);
    Object.assign(server.faults, { dropAcks: 0.2, dropEvents: 0.2, loseRequests: 0.1 });
    const written: string[] = [];
    for (let count = 0; count < 30; count += 1) {
      const { engine } = count % 2 ? one : two;
      written.push(`message ${count}`);
      await engine.send(room.id, `message ${count}`);
      if (count % 10 === 9) server.cut();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    Object.assign(server.faults, { dropAcks: 0, dropEvents: 0, loseRequests: 0 });
    await until("all was sent", () => {
      one.engine.wake();
      two.engine.wake();
      return [one, two].every(({ engine }) => engine.outbox.items.length === 0);
    });
    const texts = truth().map(([, text]) => text);
    expect(texts.toSorted()).toEqual(written.toSorted());
    for (const { engine } of [one, two])
      await until("the view equals the history", () => {
        return JSON.stringify(shown(engine, room.id)) === JSON.stringify(truth());
      });
    for (const parity of [0, 1]) {
      const mine = texts.filter((text) => Number(text?.split(" ")[1]) % 2 === parity);
      const numbers = mine.map((text) => Number(text?.split(" ")[1]));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  }, 60_000);

  it("miss nothing after sleep, although the socket replays nothing", async () => {
    const { ana, ben, room, truth } = roomOfTwo();
    const { engine } = await clientOf(ben);
    await engine.openRoom(room.id);
    server.faults.dropEvents = 1;
    for (let count = 0; count < 250; count += 1)
      server.world.post(room, ana, `id-${count}`, `while away ${count}`);
    server.cut();
    await until("the view equals the history", () => {
      return JSON.stringify(shown(engine, room.id)) === JSON.stringify(truth());
    });
  });

  it("start anew when the log is another one", async () => {
    const { ana, ben, room, truth } = roomOfTwo();
    const { engine } = await clientOf(ben);
    server.world.post(room, ana, "id-1", "before the disaster");
    await engine.openRoom(room.id);
    expect(shown(engine, room.id)).toHaveLength(1);
    room.log_id = "another";
    room.messages.clear();
    room.events.length = 2;
    server.world.post(room, ana, "id-2", "from the backup");
    server.cut();
    await until("the view equals the history", () => {
      return JSON.stringify(shown(engine, room.id)) === JSON.stringify(truth());
    });
  });
});

describe("a person", () => {
  it("is told once of what is said before and between connections", async () => {
    const { ana, ben, room } = roomOfTwo();
    const slow: { connect?: () => void } = {};
    const listed = () => made.engine.rooms.get(room.id)?.head === room.events.length;
    const made = await startedOf(ben, (link) =>
      Object.assign(Object.create(link) as Link, {
        start: () => (slow.connect = link.start),
        // The list of rooms, read again, is faster and knows already what was said.
        async request(name: string, payload: object) {
          if (name === "join") await until("the list was read again", listed);
          return link.request(name, payload);
        },
      }),
    );
    server.world.post(room, ana, "id-1", "before it is connected");
    slow.connect?.();
    await until("the first is told", () => made.news.length === 1);
    server.faults.dropEvents = 1;
    server.world.post(room, ana, "id-2", "while it is cut");
    server.cut();
    server.faults.dropEvents = 0;
    await until("the second is told", () => made.news.length === 2);
    server.world.post(room, ana, "id-3", "afterwards");
    await until("the third is told", () => made.news.length === 3);
    expect(made.news).toEqual(["before it is connected", "while it is cut", "afterwards"]);
  });

  it("who is removed sees the room go, and is told", async () => {
    const { ana, ben, room } = roomOfTwo();
    const { engine, notices } = await clientOf(ben);
    await engine.openRoom(room.id);
    server.world.removeMember(room, ben, ana);
    await until("the room is gone", () => engine.rooms.get(room.id) === undefined);
    expect(notices).toEqual([{ kind: "removed", name: "two" }]);
    expect(engine.store.getState().views[room.id]).toBeUndefined();
  });

  it("has the unread number that the server counts", async () => {
    const { ana, ben, room } = roomOfTwo();
    const { engine } = await clientOf(ben);
    server.world.post(room, ana, "id-1", "one");
    server.world.post(room, ana, "id-2", "two");
    await until("two are unread", () => engine.rooms.get(room.id)?.unread === 2);
    await engine.reading.markRead(room.id, room.events.length);
    await until("none is unread", () => engine.rooms.get(room.id)?.unread === 0);
  });

  it("pages through a long history and keeps at most 2,000 messages", async () => {
    const { ana, ben, room } = roomOfTwo();
    for (let count = 0; count < 2600; count += 1)
      server.world.post(room, ana, `id-${count}`, `line ${count}`);
    const { engine } = await clientOf(ben);
    await engine.openRoom(room.id);
    const session = engine.session(room.id);
    const items = () => engine.store.getState().views[room.id]?.window.items ?? [];
    session!.following = false;
    for (let page = 0; page < 40 && items()[0]?.text !== "line 0"; page += 1)
      await session?.loadOlder();
    await until("the newest were let go", () => items().length <= 2000);
    expect(items()[0]?.text).toBe("line 0");
    expect(engine.store.getState().views[room.id]?.window.hasNewer).toBe(true);
    await engine.goTo(room.id, "newest");
    expect(items().at(-1)?.text).toBe("line 2599");
  });
});
