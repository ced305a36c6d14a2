import { expect, test } from "vitest";
import { begun } from "./begun";

test("what was written last is first, with its place; edits of messages have none", () => {
  const drafts = {
    kitchen: { text: "bread", at: 10 },
    "thread:office/root": { text: "in a thread", at: 30 },
    "edit:message": { text: "another word", at: 40 },
    office: { text: "hello", at: 20 },
  };
  expect(begun(drafts)).toEqual([
    { key: "thread:office/root", room: "office", thread: "root", text: "in a thread", at: 30 },
    { key: "office", room: "office", thread: undefined, text: "hello", at: 20 },
    { key: "kitchen", room: "kitchen", thread: undefined, text: "bread", at: 10 },
  ]);
});
