import { type ReactNode, useId, useMemo } from "react";
import { useMe, useSync } from "../app/context";
import { usePreference } from "../kit/preferences";
import { useRoute } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { fold, useFolded } from "./folded";
import { isPressing, ordered, type Part } from "./order";
import { RoomLink } from "./RoomLink";
import { useSteady } from "./shown";
import "./part.css";

interface Shown {
  readonly part: Part;
  readonly folded: boolean;
  /** Those on the screen, in their order. */
  readonly ids: readonly string[];
  /** How many there are, folded away or not. */
  readonly count: number;
}

/** Which rooms of a part are on the screen, in which order. */
export function useShown(part: Part, muted: ReadonlySet<string>): Shown {
  const rooms = useSync((state) => state.rooms);
  const order = usePreference("roomOrder");
  const folded = useFolded(useMe().id, part);
  const current = useCurrent();
  const all = useMemo(() => ordered(rooms, part, order, muted), [rooms, part, order, muted]);
  const wanted = useMemo(() => {
    const stays = all.filter((room) => !folded || room.id === current || isPressing(room, muted));
    return { ids: stays.map(({ id }) => id), folded };
  }, [all, folded, current, muted]);
  const ids = useSteady(wanted, (id) => rooms[id] !== undefined);
  return { part, folded, ids, count: all.length };
}

function useCurrent(): string | undefined {
  const route = useRoute();
  return route.page === "room" ? route.room : undefined;
}

interface Props {
  title: string;
  shown: Shown;
  muted: ReadonlySet<string>;
  /** What is said where there is no room. */
  none: string;
  /** What can be done beside the title. */
  children: ReactNode;
}

/** A part of the list, which can be folded; what presses and where one is stay. */
export function RoomPart({ title, shown, muted, none, children }: Props) {
  const { part, folded, ids, count } = shown;
  const me = useMe();
  const rooms = useSync((state) => state.rooms);
  const status = useSync((state) => state.roomsStatus);
  const current = useCurrent();
  const id = useId();
  return (
    <>
      <header>
        <h2>
          <button
            type="button"
            id={id}
            className="fold"
            aria-expanded={!folded}
            aria-controls={`${id}-list`}
            onClick={() => fold(me.id, part, !folded)}
          >
            <Icon name="chevron" small />
            {title}
            {folded && <span className="num">{count}</span>}
          </button>
        </h2>
        {children}
      </header>
      {status === "loading" && part === "shared" && <LoadingList />}
      <ul id={`${id}-list`} aria-labelledby={id}>
        {ids.flatMap((room) => rooms[room] ?? []).map((room) => (
          <RoomLink
            key={room.id}
            room={room}
            current={room.id === current}
            muted={muted.has(room.id)}
          />
        ))}
      </ul>
      {status === "ready" && count === 0 && !folded && <p className="nav-empty">{none}</p>}
    </>
  );
}

function LoadingList() {
  return (
    <div className="skeletons" role="status">
      <span className="vh">{m.loading()}</span>
      {["70%", "52%", "64%", "40%"].map((width) => (
        <div key={width} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}
