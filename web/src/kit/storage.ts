/** What survives a reload on this device: messages on their way, and drafts. */
import { deleteDB, type IDBPDatabase, openDB } from "idb";
import type { Shelf, Unsent } from "../sync/outbox";
import { Journal } from "./journal";

export interface Draft {
  /** A room, or `edit:` and a message. */
  readonly key: string;
  readonly text: string;
  /** When it was written, in milliseconds. */
  readonly at?: number;
  /** What the server had when it was written, or has now. */
  readonly version?: number;
  /** Since when the server was not told; then it is kept even without a text. */
  readonly untold?: number;
}

export interface Storage {
  readonly outbox: Shelf;
  drafts(): Promise<Draft[]>;
  /** Without a text it is gone, except while the server does not know. */
  putDraft(draft: Draft): Promise<void>;
  close(): void;
}

const nameOf = (person: string) => `tertulia.${person}`;
const journalOf = (person: string) => new Journal<Unsent>(`tertulia.unsent.${person}`);
const draftJournalOf = (person: string) =>
  new Journal<Draft & { readonly id: string }>(`tertulia.draft.${person}`);

/** Each person has a database of their own: a shared browser never mixes them. */
export async function openStorage(person: string): Promise<Storage> {
  try {
    const db = await openDB(nameOf(person), 1, {
      upgrade(database) {
        database.createObjectStore("outbox", { keyPath: "id" });
        database.createObjectStore("drafts", { keyPath: "key" });
      },
      blocking: () => db.close(),
    });
    return { ...outboxIn(db, journalOf(person)), ...draftsIn(db, draftJournalOf(person)) };
  } catch {
    return inMemory(); // Private browsing: the outbox lasts as long as the page.
  }
}

/** Forgets everything of this person on this device. */
export function wipeStorage(person: string) {
  journalOf(person).clear();
  draftJournalOf(person).clear();
  return deleteDB(nameOf(person));
}

function outboxIn(db: IDBPDatabase, journal: Journal<Unsent>): Pick<Storage, "outbox"> {
  return {
    outbox: {
      async all() {
        const stored: Unsent[] = await db.getAll("outbox");
        const known = new Set(stored.map(({ id }) => id));
        return [...stored, ...journal.all().filter(({ id }) => !known.has(id))];
      },
      async put(item) {
        journal.note(item);
        await db.put("outbox", item);
        journal.forget(item.id);
      },
      async remove(id) {
        journal.forget(id);
        await db.delete("outbox", id);
      },
    },
  };
}

function draftsIn(
  db: IDBPDatabase,
  journal: ReturnType<typeof draftJournalOf>,
): Omit<Storage, "outbox"> {
  async function keep(draft: Draft) {
    const { key } = draft;
    journal.note({ ...draft, id: key });
    await (worthKeeping(draft) ? db.put("drafts", draft) : db.delete("drafts", key));
    journal.forget(key);
  }
  return {
    async drafts() {
      // What the last page had no time to write is newer than what it wrote.
      for (const { id: _key, ...draft } of journal.all()) await keep(draft);
      return db.getAll("drafts");
    },
    putDraft: keep,
    close: () => db.close(),
  };
}

const worthKeeping = ({ text, untold }: Draft) => text !== "" || untold !== undefined;

export function inMemory(): Storage {
  const outbox = new Map<string, Unsent>();
  const drafts = new Map<string, Draft>();
  return {
    outbox: {
      all: async () => [...outbox.values()],
      put: async (item) => void outbox.set(item.id, item),
      remove: async (id) => void outbox.delete(id),
    },
    drafts: async () => [...drafts.values()],
    putDraft: async (draft) =>
      void (worthKeeping(draft) ? drafts.set(draft.key, draft) : drafts.delete(draft.key)),
    close: () => undefined,
  };
}
