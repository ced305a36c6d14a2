import { expect, it } from "vitest";
import { Problem } from "../api/problem";
import type { Person } from "../api/types";
import { notePeople, personByName } from "./known";
import { withIds } from "./lookup";

const idOf = (number: number) => `0190c8f2-6d5c-7c3e-a1b2-${String(number).padStart(12, "0")}`;
const person = (number: number, username: string): Person => ({
  id: idOf(number),
  username,
  display_name: username,
});

/** A room whose members come one on a page. */
function roomOf(...people: Person[]) {
  let asked = 0;
  const members = async (_room: string, cursor = "0") => {
    asked += 1;
    const at = Number(cursor);
    const found = people[at];
    if (!found) throw new Error("no such page");
    const items = [{ person: found, role: "member" as const, joined_at: "" }];
    return { items, next: at + 1 < people.length ? String(at + 1) : undefined };
  };
  return { api: { members } as never, asked: () => asked };
}

it("calls members by their id, whoever was not met yet", async () => {
  const { api, asked } = roomOf(person(1, "alba"), person(2, "Bruno"), person(3, "ciro"));
  const text = "@bruno y `@bruno`, ¿y @alba?";
  expect(await withIds(api, "r", text)).toBe(`<@${idOf(2)}> y \`@bruno\`, ¿y <@${idOf(1)}>?`);
  expect(asked(), "no further than needed").toBe(2);
  await withIds(api, "r", text);
  expect(asked(), "known now").toBe(2);
});

it("leaves a name as it is that no member has, and looks through no endless list", async () => {
  const many = Array.from({ length: 40 }, (_, at) => person(100 + at, `m${at}`));
  const { api, asked } = roomOf(...many);
  expect(await withIds(api, "r", "hola @nadie, @room")).toBe("hola @nadie, @room");
  expect(asked()).toBe(5);
});

const failing = (status: number) =>
  ({ members: () => Promise.reject(new Problem({ kind: "x", title: "", status })) }) as never;

it("waits for a network, and does without what the server refuses", async () => {
  await expect(withIds(failing(0), "r", "@quien")).rejects.toThrow();
  expect(await withIds(failing(403), "r", "@quien")).toBe("@quien");
});

it("forgets a name that its person gave up, and believes no old message", () => {
  const before = person(7, "dora");
  notePeople([before]);
  notePeople([person(7, "dorotea")]);
  expect([personByName("dora"), personByName("dorotea")?.id]).toEqual([undefined, idOf(7)]);
  notePeople([before]);
  expect([personByName("dora"), personByName("dorotea")?.id]).toEqual([undefined, idOf(7)]);
});
