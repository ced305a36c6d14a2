import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import type { Message } from "../api/types";
import { inMemory } from "../kit/storage";
import { Outbox, type OutboxPorts, type Unsent } from "./outbox";

const me = { id: "me", username: "me", display_name: "Me" };
const timeout = () => new Problem({ kind: "timeout", title: "", status: 0 });

/** A server that stores once by id, over a network that the test commands. */
class FakeServer {
  readonly stored: string[] = [];
  readonly texts: string[] = [];
  /** What happens to each attempt in turn; after the last one all is well. */
  plan: ("ok" | "lost" | "no-answer" | "refused" | "slow-down")[] = [];

  async send(item: Unsent): Promise<Message> {
    const fate = this.plan.shift() ?? "ok";
    if (fate === "lost") throw timeout();
    if (fate === "refused") throw new Problem({ kind: "invalid", title: "", status: 422 });
    if (fate === "slow-down")
      throw new Problem({ kind: "rate_limited", title: "", status: 429 }, 5000);
    if (!this.stored.includes(item.id)) {
      this.stored.push(item.id);
      this.texts.push(item.text);
    }
    if (fate === "no-answer") throw timeout();
    return { id: `m-${item.id}`, client_message_id: item.id, sender: me } as Message;
  }
}

function setUp(shelf = inMemory().outbox, server = new FakeServer()) {
  let id = 0;
  let online = true;
  const queues = new Map<string, Promise<void>>();
  const rejected: string[] = [];
  const lookups: string[] = [];
  const directory = { ids: (text: string) => Promise.resolve(text) };
  const ports: OutboxPorts = {
    shelf,
    withIds: (_room, text) => {
      lookups.push(text);
      return directory.ids(text);
    },
    send: (item) => server.send(item),
    exclusively: (name, work) => {
      const next = (queues.get(name) ?? Promise.resolve()).then(work);
      queues.set(name, next);
      return next;
    },
    online: () => online,
    changed: () => undefined,
    sent: () => undefined,
    rejected: (item) => rejected.push(item.id),
    tell: () => undefined,
    newId: () => `id-${(id += 1)}`,
    now: () => 1000,
    random: () => 0,
  };
  return {
    outbox: new Outbox(ports),
    server,
    shelf,
    rejected,
    lookups,
    directory,
    setOnline: (value: boolean) => (online = value),
  };
}

describe("the outbox", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sends in the order of writing, also within one millisecond", async () => {
    const { outbox, server } = setUp();
    for (const text of ["one", "two", "three"]) void outbox.add("room", text);
    await vi.runAllTimersAsync();
    expect(server.texts).toEqual(["one", "two", "three"]);
    expect(outbox.items).toEqual([]);
  });

  it("repeats with the same id when the answer was lost, so nothing is stored twice", async () => {
    const { outbox, server } = setUp();
    server.plan = ["no-answer", "lost", "no-answer", "ok"];
    await outbox.add("room", "once");
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.items[0]?.state).toBe("unknown");
    await vi.runAllTimersAsync();
    expect(server.stored).toHaveLength(1);
    expect(outbox.items).toEqual([]);
  });

  it("holds back what follows an unconfirmed message of the same room only", async () => {
    const { outbox, server } = setUp();
    server.plan = ["lost"];
    await outbox.add("room", "first");
    await outbox.add("room", "second");
    await outbox.add("other", "elsewhere");
    await vi.advanceTimersByTimeAsync(10);
    expect(server.texts).toEqual(["elsewhere"]);
    await vi.runAllTimersAsync();
    expect(server.texts).toEqual(["elsewhere", "first", "second"]);
  });

  it("waits without a network and sends when it is back", async () => {
    const { outbox, server, setOnline } = setUp();
    setOnline(false);
    await outbox.add("room", "later");
    await vi.runAllTimersAsync();
    expect([server.texts, outbox.items[0]?.state]).toEqual([[], "queued"]);
    setOnline(true);
    outbox.flushAll();
    await vi.runAllTimersAsync();
    expect(server.texts).toEqual(["later"]);
  });

  it("goes on after a reload with what was on its way", async () => {
    const first = setUp();
    first.server.plan = ["no-answer"];
    await first.outbox.add("room", "survives");
    await vi.advanceTimersByTimeAsync(10);
    first.outbox.close();

    const second = setUp(first.shelf, first.server);
    await second.outbox.restore();
    expect(second.outbox.items).toMatchObject([{ text: "survives", state: "unknown" }]);
    second.outbox.flushAll();
    await vi.runAllTimersAsync();
    expect(first.server.stored).toHaveLength(1);
    expect(await first.shelf.all()).toEqual([]);
  });

  it("is settled by the fan-out while the acknowledgement never comes", async () => {
    const { outbox, server } = setUp();
    vi.spyOn(server, "send").mockImplementationOnce(() => new Promise(() => undefined));
    const { id } = await outbox.add("room", "told by the room");
    await vi.advanceTimersByTimeAsync(10);
    outbox.settled(id);
    await outbox.add("room", "next");
    await vi.runAllTimersAsync();
    expect(server.texts).toEqual(["next"]);
    expect(outbox.items).toEqual([]);
  });

  it("waits for no acknowledgement of what another tab found settled", async () => {
    const { outbox, server, shelf } = setUp();
    vi.spyOn(server, "send").mockImplementationOnce(() => new Promise(() => undefined));
    const { id } = await outbox.add("room", "told in the other tab");
    await vi.advanceTimersByTimeAsync(10);
    await shelf.remove(id);
    await outbox.restore();
    await outbox.add("room", "next");
    await vi.runAllTimersAsync();
    expect(server.texts).toEqual(["next"]);
    expect(outbox.items).toEqual([]);
  });

  it("keeps a refused message to be edited again, and goes on with the next", async () => {
    const { outbox, server, rejected } = setUp();
    server.plan = ["refused"];
    const { id } = await outbox.add("room", "too much");
    await outbox.add("room", "fine");
    await vi.runAllTimersAsync();
    expect(rejected).toEqual([id]);
    expect(outbox.items).toMatchObject([{ id, state: "rejected", reason: "invalid" }]);
    expect(server.texts).toEqual(["fine"]);
  });

  it("waits as long as the server asks", async () => {
    const { outbox, server } = setUp();
    server.plan = ["slow-down"];
    await outbox.add("room", "patient");
    await vi.advanceTimersByTimeAsync(4900);
    expect(server.texts).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.texts).toEqual(["patient"]);
  });

  it("does not bring back what was discarded while it was being sent", async () => {
    const { outbox, server, shelf } = setUp();
    server.plan = ["lost", "lost"];
    const { id } = await outbox.add("room", "never mind");
    await vi.advanceTimersByTimeAsync(10);
    await outbox.discard(id);
    await vi.runAllTimersAsync();
    expect([outbox.items, await shelf.all(), server.texts]).toEqual([[], [], []]);
  });

  it("sends once although two tabs share the shelf", async () => {
    const one = setUp();
    const two = setUp(one.shelf, one.server);
    one.server.plan = ["no-answer", "no-answer", "no-answer"];
    await one.outbox.add("room", "shared");
    await two.outbox.restore();
    two.outbox.flushAll();
    await vi.runAllTimersAsync();
    expect(one.server.stored).toHaveLength(1);
    expect(await one.shelf.all()).toEqual([]);
  });
});

const toId = (text: string) => Promise.resolve(text.replace("@ana", "<@1>"));

describe("whom a message calls by name", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is looked up before it is sent, once, and the text then stays as it is", async () => {
    const { outbox, server, shelf, directory, lookups } = setUp();
    directory.ids = toId;
    server.plan = ["lost", "lost"];
    await outbox.add("room", "hola @ana");
    await vi.advanceTimersByTimeAsync(10);
    expect(await shelf.all()).toMatchObject([{ text: "hola <@1>", state: "unknown" }]);
    directory.ids = () => Promise.resolve("something else");
    await vi.runAllTimersAsync();
    expect([server.texts, lookups]).toEqual([["hola <@1>"], ["hola @ana"]]);
  });

  it("is looked up when there is a network, also after a reload", async () => {
    const first = setUp();
    first.directory.ids = () => Promise.reject(timeout());
    await first.outbox.add("room", "hola @ana");
    await vi.advanceTimersByTimeAsync(10);
    expect(first.server.texts).toEqual([]);
    first.outbox.close();

    const second = setUp(first.shelf, first.server);
    second.directory.ids = toId;
    await second.outbox.restore();
    second.outbox.flushAll();
    await vi.runAllTimersAsync();
    expect(first.server.texts).toEqual(["hola <@1>"]);
  });

  it("does not send what was discarded meanwhile", async () => {
    const { outbox, server, directory } = setUp();
    const found: (() => void)[] = [];
    directory.ids = (text) => new Promise((resolve) => found.push(() => resolve(text)));
    const { id } = await outbox.add("room", "never mind, @ana");
    await vi.advanceTimersByTimeAsync(10);
    await outbox.discard(id);
    found.forEach((tell) => tell());
    await vi.runAllTimersAsync();
    expect([server.texts, outbox.items]).toEqual([[], []]);
  });
});

describe("what the outbox no longer sends", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sends anew, under its old id, what was refused and is asked for again", async () => {
    const { outbox, server, shelf } = setUp();
    server.plan = ["refused"];
    await outbox.add("room", "let me");
    await vi.runAllTimersAsync();
    const [item] = outbox.items as [Unsent];
    await outbox.again({ ...item, state: "queued", attempts: 0, reason: undefined });
    await vi.runAllTimersAsync();
    expect(server.stored).toEqual([item.id]);
    expect([outbox.items, await shelf.all()]).toEqual([[], []]);
  });

  it("brings back what was discarded, once, although it had arrived", async () => {
    const { outbox, server } = setUp();
    server.plan = ["no-answer"];
    await outbox.add("room", "back again");
    await vi.advanceTimersByTimeAsync(10);
    const [item] = outbox.items as [Unsent];
    await outbox.discard(item.id);
    await outbox.again(item);
    await vi.runAllTimersAsync();
    expect([server.stored, outbox.items]).toEqual([[item.id], []]);
  });
});
