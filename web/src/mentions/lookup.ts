/** Whom a text calls by a name that this client does not know: asked for before it is sent. */
import type { Api } from "../api/client";
import { asProblem } from "../api/problem";
import { bytesOf, TEXT_BYTES_MAX } from "../composer/length";
import { notePeople, personByName } from "./known";
import { mentionsIn } from "./parse";
import { toWire } from "./wire";

/** So many pages of members are looked through; whom they lack stays written by name. */
const PAGES_MAX = 5;
/** The request may be answered later, and the message has to wait for its turn as well. */
const WORTH_WAITING = new Set([0, 401, 429]);

function unknownIn(text: string): Set<string> {
  const names = mentionsIn(text).flatMap((one) => ("name" in one ? one.name : []));
  return new Set(names.filter((name) => !personByName(name)).map((name) => name.toLowerCase()));
}

async function meet(api: Pick<Api, "members">, room: string, names: Set<string>) {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX && names.size > 0; page += 1) {
    const { items, next } = await api.members(room, cursor);
    const people = items.map(({ person }) => person);
    notePeople(people.filter(({ username }) => names.delete(username.toLowerCase())));
    if (!next) return;
    cursor = next;
  }
}

/** The text as it is kept: members of the room by their ids, so that a new name breaks nothing. */
export async function withIds(
  api: Pick<Api, "members">,
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
