import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Unsent } from "../sync/outbox";
import { openStorage, wipeStorage } from "./storage";

const item = (id: string): Unsent => ({
  id,
  room: "r",
  text: `text ${id}`,
  at: 1,
  state: "queued",
  attempts: 0,
});
const ids = (items: Unsent[]) => items.map(({ id }) => id).toSorted();

/** As a browser has it: what is stored are properties of its own. */
function browserStorage() {
  const stored: Record<string, string> = {};
  return Object.defineProperties(stored, {
    setItem: { value: (key: string, text: string) => (stored[key] = text) },
    getItem: { value: (key: string) => stored[key] ?? null },
    removeItem: { value: (key: string) => delete stored[key] },
  });
}

beforeEach(() => void vi.stubGlobal("localStorage", browserStorage()));
afterEach(() => void vi.unstubAllGlobals());

it("a message is kept from the moment on in which it is written", async () => {
  const page = await openStorage("ana");
  const writing = page.outbox.put(item("one"));
  const reloaded = await openStorage("ana");
  // The first page is gone: of its write nobody knows whether it came to an end.
  expect(Object.keys(localStorage)).toHaveLength(1);
  expect(ids(await reloaded.outbox.all())).toEqual(["one"]);
  await writing;
  expect(Object.keys(localStorage)).toEqual([]);
  expect(ids(await reloaded.outbox.all())).toEqual(["one"]);
  await reloaded.outbox.remove("one");
  expect(await reloaded.outbox.all()).toEqual([]);
  page.close();
  reloaded.close();
});

it("a draft is kept, and given up, from the moment on in which that is said", async () => {
  const page = await openStorage("eva");
  await page.putDraft({ key: "kitchen", text: "bre", at: 1 });
  const writing = page.putDraft({ key: "kitchen", text: "bread", at: 2 });
  // As after a page that was closed before its database had anything.
  const left = { ...localStorage };
  await writing;
  await page.putDraft({ key: "kitchen", text: "bre", at: 1 });
  Object.assign(localStorage, left);
  const reloaded = await openStorage("eva");
  expect(await reloaded.drafts()).toEqual([{ key: "kitchen", text: "bread", at: 2 }]);
  expect(Object.keys(localStorage)).toEqual([]);
  const removing = reloaded.putDraft({ key: "kitchen", text: "" });
  expect(Object.keys(localStorage)).toHaveLength(1);
  await removing;
  expect(await reloaded.drafts()).toEqual([]);
  page.close();
  reloaded.close();
});

it("what another page was writing is nobody's who is not its person", async () => {
  const ana = await openStorage("ana");
  const leo = await openStorage("leo");
  const writing = ana.outbox.put(item("two"));
  expect(await leo.outbox.all()).toEqual([]);
  await writing;
  ana.close();
  leo.close();
  void ana.outbox.put(item("three")).catch(() => undefined);
  await wipeStorage("ana");
  expect(Object.keys(localStorage)).toEqual([]);
});
