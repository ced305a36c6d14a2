import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../api/client";
import { inMemory, type Storage } from "../kit/storage";
import { draftOf, flushDrafts, forgetDrafts, restoreDrafts, saveDraft } from "./drafts";
import { syncDrafts, takeDraft } from "./sync-drafts";

const MOMENT_MS = 2000;
const START = 1_000_000;

/** What the server has of the room. */
let server: { text: string; version: number };
let storage: Storage;
let end: () => void = () => undefined;
const put = vi.spyOn(api, "putDraft");
const list = vi.spyOn(api, "drafts");

const told = async (_room: string, _thread: string | undefined, text: string) => {
  server = { text, version: Math.max(server.version + 1, Date.now()) };
  return { room: "kitchen", ...server };
};
const listed = async () => ({
  items: server.text ? [{ room: "kitchen", ...server }] : [],
});
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** The page is closed, and opened again. */
async function reload() {
  flushDrafts();
  end();
  forgetDrafts();
  await restoreDrafts(storage);
  end = syncDrafts();
  await passes(0);
}

beforeEach(async () => {
  vi.useFakeTimers({ now: START });
  server = { text: "", version: 0 };
  storage = inMemory();
  put.mockImplementation(told);
  list.mockImplementation(listed);
  await reload();
  saveDraft("kitchen", "bread");
  await passes(MOMENT_MS);
  expect(server.text).toBe("bread");
});
afterEach(() => {
  end();
  forgetDrafts();
  vi.useRealTimers();
});

it.each(["bread and cheese", ""])("%j that was not told outlives a reload", async (newer) => {
  put.mockRejectedValue(new Error("offline"));
  saveDraft("kitchen", newer);
  await passes(MOMENT_MS);
  await reload();
  expect(draftOf("kitchen") ?? "").toBe(newer);
  put.mockImplementation(told);
  await reload();
  expect(server.text).toBe(newer);
  expect(draftOf("kitchen") ?? "").toBe(newer);
});

it("the clock of the device may be slow: the server had nothing newer", async () => {
  put.mockRejectedValue(new Error("offline"));
  vi.setSystemTime(START - 600_000);
  saveDraft("kitchen", "bread and cheese");
  await reload();
  expect(draftOf("kitchen")).toBe("bread and cheese");
});

it("what another device wrote later takes the place of what was not told", async () => {
  put.mockRejectedValue(new Error("offline"));
  saveDraft("kitchen", "bread and cheese");
  await passes(MOMENT_MS);
  server = { text: "soup", version: Date.now() + 1 };
  await reload();
  expect(draftOf("kitchen")).toBe("soup");
});

it("what another device wrote earlier does not, and is told what is here", async () => {
  server = { text: "soup", version: Date.now() };
  await passes(1);
  put.mockRejectedValue(new Error("offline"));
  saveDraft("kitchen", "bread and cheese");
  put.mockImplementation(told);
  await reload();
  expect(draftOf("kitchen")).toBe("bread and cheese");
  expect(server.text).toBe("bread and cheese");
});

it("what was told is not written again over what another device has", async () => {
  server = { text: "soup", version: Date.now() + 1 };
  put.mockClear();
  await reload();
  await passes(MOMENT_MS);
  expect(draftOf("kitchen")).toBe("soup");
  expect(put).not.toHaveBeenCalled();
  takeDraft({ room: "kitchen", text: "bread", version: START });
  expect(draftOf("kitchen")).toBe("soup");
});
