/** The people whom this client has met, so that a call of one of them can show a name. */
import { create } from "zustand";
import type { Person } from "../api/types";

interface Known {
  readonly byId: ReadonlyMap<string, Person>;
  readonly byName: ReadonlyMap<string, Person>;
}

const useKnown = create<Known>(() => ({ byId: new Map(), byName: new Map() }));

const key = (username: string) => username.toLowerCase();

const same = (one: Person | undefined, other: Person) =>
  one?.username === other.username && one.display_name === other.display_name;

/** What an old message says of its people is no news when it is looked at again. */
const noted = new WeakSet<Person>();

/** Remembers people; the same again changes nothing, and a former name is given up. */
export function notePeople(people: Iterable<Person>) {
  const { byId, byName } = useKnown.getState();
  const unseen = [...people].filter((person) => !noted.has(person) && noted.add(person));
  const news = unseen.filter((person) => !same(byId.get(person.id), person));
  if (news.length === 0) return;
  const [ids, names] = [new Map(byId), new Map(byName)];
  for (const person of news) {
    const former = key(ids.get(person.id)?.username ?? "");
    if (names.get(former)?.id === person.id) names.delete(former);
    ids.set(person.id, person);
    names.set(key(person.username), person);
  }
  useKnown.setState({ byId: ids, byName: names });
}

export const usePersonById = (id: string) => useKnown(({ byId }) => byId.get(id));
export const usePersonByName = (name: string) => useKnown(({ byName }) => byName.get(key(name)));

/** Draws again whenever somebody is met, as a line of plain text shows their names then. */
export const useMet = () => useKnown(({ byId }) => byId);

export const personById = (id: string) => useKnown.getState().byId.get(id);
export const personByName = (name: string) => useKnown.getState().byName.get(key(name));
