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

/** A room with one member on its first page, in a directory that has one person on a page. */
function roomOf(...people: Person[]) {
  let asked = 0;
  const page = (found: readonly Person[], at: number) => {
    asked += 1;
    return { items: found.slice(at, at + 1), next: found[at + 1] ? String(at + 1) : undefined };
  };
  const members = async () => {
    const { items, next } = page(people, 0);
    return { items: items.map((person) => ({ person, role: "member", joined_at: "" })), next };
  };
  const directory = async (query: string, _: unknown, { cursor = "0" }: { cursor?: string }) =>
    page(
      people.filter(({ username }) => username.toLowerCase().startsWith(query)),
      Number(cursor),
    );
  return { api: { members, people: directory } as never, asked: () => asked };
}

it("calls members by their id, whoever was not met yet", async () => {
  const { api, asked } = roomOf(person(1, "alba"), person(2, "Bruno"), person(3, "ciro"));
  const text = "@bruno y `@bruno`, ¿y @alba?";
  expect(await withIds(api, "r", text)).toBe(`<@${idOf(2)}> y \`@bruno\`, ¿y <@${idOf(1)}>?`);
  expect(asked(), "the first page, and one name").toBe(2);
  await withIds(api, "r", text);
  expect(asked(), "known now").toBe(2);
});

it("finds by the whole name whom a large room has on none of its first pages", async () => {
  const many = Array.from({ length: 700 }, (_, at) => person(1000 + at, `n${at + 1}`));
  const { api } = roomOf(...many, person(2000, "zoe"), person(2001, "zoelia"));
  expect(await withIds(api, "r", "@zoe, @n700")).toBe(`<@${idOf(2000)}>, <@${idOf(1699)}>`);
});

it("leaves a name as it is that nobody has, and looks through no endless list", async () => {
  const many = Array.from({ length: 40 }, (_, at) => person(100 + at, `mm${at}`));
  const { api, asked } = roomOf(...many);
  expect(await withIds(api, "r", "hola @nadie, @room")).toBe("hola @nadie, @room");
  expect(asked()).toBe(2);
  expect(await withIds(api, "r", "@mm")).toBe("@mm");
  expect(asked(), "a page of members, and five of the directory").toBe(2 + 6);
  const names = Array.from({ length: 30 }, (_, at) => `@x${at}x`).join(" ");
  expect(await withIds(api, "r", names)).toBe(names);
  expect(asked()).toBe(2 + 6 + 21);
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
