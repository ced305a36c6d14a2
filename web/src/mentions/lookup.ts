/** Whom a text calls by a name that this client does not know: asked for before it is sent. */
import type { Api } from "../api/client";
import { asProblem } from "../api/problem";
import { bytesOf, TEXT_BYTES_MAX } from "../composer/length";
import { notePeople, personByName } from "./known";
import { mentionsIn } from "./parse";
import { toWire } from "./wire";

/** Most names of one text that are asked for one by one; more stay written by name. */
const NAMES_MAX = 20;
/** So many pages of people whose names begin so are looked through. */
const PAGES_MAX = 5;
const PAGE = 100;
/** The request may be answered later, and the message has to wait for its turn as well. */
const WORTH_WAITING = new Set([0, 401, 429]);

function unknownIn(text: string): Set<string> {
  const names = mentionsIn(text).flatMap((one) => ("name" in one ? one.name : []));
  return new Set(names.filter((name) => !personByName(name)).map((name) => name.toLowerCase()));
}

type Asked = Pick<Api, "members" | "people">;

/** Most rooms are one page of members; who is further on in a large one is in the directory. */
async function meet(api: Asked, room: string, names: Set<string>) {
  if (names.size === 0) return;
  const { items, next } = await api.members(room);
  const people = items.map(({ person }) => person);
  notePeople(people.filter(({ username }) => names.delete(username.toLowerCase())));
  if (!next) return;
  for (const name of [...names].slice(0, NAMES_MAX)) await find(api, name);
}

async function find(api: Asked, name: string) {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next } = await api.people(name, undefined, { cursor, limit: PAGE });
    const found = items.find(({ username }) => username.toLowerCase() === name);
    if (found) return notePeople([found]);
    if (!next) return;
    cursor = next;
  }
}

/** The text as it is kept: members of the room by their ids, so that a new name breaks nothing. */
export async function withIds(
  api: Asked,
  room: string,
  text: string,
): Promise<string> {
  try {
    await meet(api, room, unknownIn(text));
  } catch (error) {
    // Whatever else is wrong, the message says the same by name.
    if (WORTH_WAITING.has(asProblem(error).status)) throw error;
  }
  const wire = toWire(text);
  return bytesOf(wire) > TEXT_BYTES_MAX ? text : wire;
}
