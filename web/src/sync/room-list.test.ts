import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Api } from "../api/client";
import type { Me, Room } from "../api/types";
import { RoomList } from "./room-list";
import { createSyncStore, type Happenings } from "./state";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** One room, and a server in which `unread` messages of it are not read. */
function setUp() {
  const server = { unread: 0, asked: 0 };
  const api = {
    async room(id: string) {
      server.asked += 1;
      return { id, unread: server.unread } as Room;
    },
  };
  const list = new RoomList(createSyncStore({} as Me), api as Api, {} as Happenings);
  list.put({ id: "r", unread: 0 } as Room);
  const said = () => {
    server.unread += 1;
    list.recount("r");
  };
  return { list, server, said };
}

it("asks for the number of a room a quarter of a second after a message", async () => {
  const { list, said } = setUp();
  said();
  await vi.advanceTimersByTimeAsync(250);
  expect(list.get("r")?.unread).toBe(1);
});

it("asks at most four times in three seconds, and is never a second behind", async () => {
  const { list, server, said } = setUp();
  const saidBefore: number[] = [];
  for (let tick = 0; tick < 60; tick += 1) {
    saidBefore.push(server.unread);
    said();
    await vi.advanceTimersByTimeAsync(50);
    const aSecondAgo = saidBefore.at(-20) ?? 0;
    expect(list.get("r")?.unread).toBeGreaterThanOrEqual(aSecondAgo);
  }
  expect(server.asked).toBeLessThanOrEqual(4);
  await vi.advanceTimersByTimeAsync(750);
  expect(list.get("r")?.unread).toBe(60);
});
