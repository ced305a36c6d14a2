import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem, problemOfAddress } from "../api/problem";
import type { Person, Room } from "../api/types";
import { useMe, useSync } from "../app/context";
import { itemsOf } from "../inbox/InboxList";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { glyphOf, kindWords } from "../rooms/names";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";
import { Failed, Skeletons } from "../ui/States";
import { MessageButton } from "./MessageButton";
import { nameOf } from "./nameOf";
import { Offline } from "./Offline";
import { useWatched } from "./useWatched";

/** Somebody: the name, whether they are here, and the rooms that we are both in. */
export function PersonPage({ id }: { id: string }) {
  const found = useQuery({ queryKey: ["person", id], queryFn: () => api.person(id) });
  const person = found.data;
  return (
    <>
      <header className="page-header">
        <Link className="icon-btn" href={paths.people} aria-label={m.back_to_people()}>
          <Icon name="back" />
        </Link>
        <h1>{person ? nameOf(person) : m.people()}</h1>
      </header>
      <div className="page-body">
        <div className="column person">
          {found.isPending &&
            (found.fetchStatus === "paused" ? <Offline /> : <Skeletons label={m.loading()} />)}
          {found.isError && !person && (
            <Failed
              title={m.person_failed()}
              problem={problemOfAddress(found.error)}
              onRetry={() => void found.refetch()}
            />
          )}
          {person && <Card person={person} />}
          {person && <SharedRooms person={person} />}
        </div>
      </div>
    </>
  );
}

function Card({ person }: { person: Person }) {
  const me = useMe();
  const mine = person.id === me.id;
  return (
    <section className="card who" aria-label={nameOf(person)} ref={useWatched(person.id)}>
      <Avatar person={person} size="large" />
      <div className="about">
        <b>{nameOf(person)}</b>
        <small>@{person.username}</small>
        {!mine && <Around person={person} />}
      </div>
      {mine ? (
        <Link className="btn small" href={paths.you}>
          {m.profile()}
        </Link>
      ) : (
        <MessageButton person={person} />
      )}
    </section>
  );
}

/** In words. Of whom no room is shared with, nothing is told. */
function Around({ person }: { person: Person }) {
  const state = useSync(({ presence }) => presence[person.id]);
  if (!state || state === "off") return null;
  return (
    <small className="around">
      <i className={`dot ${state}`} />
      {state === "online" ? m.presence_online() : m.presence_away()}
    </small>
  );
}

function SharedRooms({ person }: { person: Person }) {
  const mine = person.id === useMe().id;
  const pages = useInfiniteQuery({
    queryKey: ["shared-rooms", person.id],
    queryFn: ({ pageParam }) => api.sharedRooms(person.id, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const rooms = itemsOf(pages);
  return (
    <section>
      <h2 id="shared-heading">{mine ? m.your_rooms() : m.shared_rooms()}</h2>
      {pages.isPending &&
        (pages.fetchStatus === "paused" ? <Offline /> : <Skeletons label={m.loading()} />)}
      {pages.isError && (
        <Failed
          title={m.rooms_failed()}
          problem={asProblem(pages.error)}
          onRetry={() => void (pages.data ? pages.fetchNextPage() : pages.refetch())}
        />
      )}
      {pages.isSuccess && rooms.length === 0 && <p className="none">{m.shared_none()}</p>}
      {rooms.length > 0 && (
        <ul className="card" aria-labelledby="shared-heading">
          {rooms.map((room) => (
            <SharedRoom key={room.id} room={room} />
          ))}
        </ul>
      )}
      {pages.hasNextPage && (
        <button type="button" className="btn" onClick={() => void pages.fetchNextPage()}>
          {m.show_more()}
        </button>
      )}
    </section>
  );
}

const SharedRoom = ({ room }: { room: Room }) => (
  <li>
    <Link className="option" href={paths.room(room.id)}>
      <span className="glyph" title={kindWords(room.kind)}>
        <Icon name={glyphOf(room.kind)} small />
        <span className="vh">{kindWords(room.kind)}: </span>
      </span>
      {room.name}
    </Link>
  </li>
);
