/** What the server tells besides the log: who writes, who is here, which numbers are others. */
import type { Clip, Draft, Person, PersonPresence, Room } from "../api/types";
import type { SavedTold } from "../saved/known";
import type { Numbers } from "./numbers";
import type { Presence } from "./presence";
import type { RoomList } from "./room-list";
import type { Call, Happenings, SyncStore } from "./state";
import type { Threads } from "./threads";
import type { TypingBoard } from "./typing";

export interface HintPorts {
  store: SyncStore;
  typing: TypingBoard;
  rooms: RoomList;
  numbers: Numbers;
  presence: Presence;
  threads: Threads;
  happenings: Happenings;
}

interface Told {
  typing: { room: string; thread?: string; person: Person };
  readChanged: Pick<Room, "last_read" | "unread" | "mentions"> & { room: string };
  personChanged: { person: Person };
  presence: { people: PersonPresence[] };
  draftChanged: Draft;
  savedChanged: SavedTold;
  clipChanged: Clip;
  threadChanged: { room: string; thread: string; following: boolean };
  mentioned: Call;
  noticesChanged: object;
  unreadChanged: object;
}

/** One function for each name; what is not in here is not a hint. */
export function hintsOf(ports: HintPorts): ReadonlyMap<string, (payload: unknown) => void> {
  const { store, typing, rooms, numbers, presence, threads, happenings } = ports;
  const renewed = () => {
    happenings.inboxChanged();
    numbers.refresh();
  };
  const hints: { [K in keyof Told]: (payload: Told[K]) => void } = {
    typing: (payload) => typing.note(payload),
    readChanged({ room, last_read, unread, mentions }) {
      rooms.patch(room, { last_read, unread, mentions });
      numbers.refresh();
    },
    personChanged({ person }) {
      const pictures = { ...store.getState().pictures, [person.id]: person.picture ?? null };
      const { me } = store.getState();
      store.setState({ pictures, ...(me.person.id === person.id && { me: { ...me, person } }) });
    },
    presence: ({ people }) => presence.note(people),
    draftChanged: (draft) => happenings.draftChanged(draft),
    savedChanged: (told) => happenings.savedChanged(told),
    clipChanged: (clip) => happenings.clipChanged(clip),
    threadChanged(payload) {
      threads.told(payload);
      happenings.threadFollowed(payload);
      renewed();
    },
    mentioned(call) {
      happenings.called(call);
      renewed();
    },
    noticesChanged: () => happenings.noticesChanged(),
    unreadChanged: renewed,
  };
  return new Map(Object.entries(hints) as [string, (payload: unknown) => void][]);
}
