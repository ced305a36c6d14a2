import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Room } from "../api/types";
import { useEngine } from "../app/context";
import { openLayer } from "../app/layers";
import { navigate, paths } from "../kit/router";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { tellProblem } from "../ui/failure";
import { Link } from "../ui/Link";
import { SearchField } from "../ui/SearchField";
import { Empty, Failed, Skeletons } from "../ui/States";
import { BackLink } from "./RoomHeader";
import "./browse.css";

/** The public rooms: what they are about, and a way in. */
export default function BrowsePage() {
  const [query, setQuery] = useState("");
  const wanted = useDebounced(query.trim(), 200);
  const pages = useInfiniteQuery({
    queryKey: ["directory", wanted],
    queryFn: ({ pageParam }) => api.directory(wanted, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const rooms = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.browse_rooms()}</h1>
        <div className="end">
          <button
            type="button"
            className="btn small"
            onClick={() => openLayer({ kind: "create-room" })}
          >
            <Icon name="plus" small />
            {m.create_room()}
          </button>
        </div>
      </header>
      <div className="page-body">
        <div className="column">
          <SearchField label={m.search_rooms()} value={query} onChange={setQuery} />
          {pages.isPending && <Skeletons label={m.loading()} />}
          {pages.isError && (
            <Failed
              title={m.rooms_failed()}
              problem={asProblem(pages.error)}
              onRetry={() => void pages.refetch()}
            />
          )}
          {pages.isSuccess && rooms.length === 0 && (
            <Empty icon="compass" title={wanted ? m.no_matches() : m.no_public_rooms()}>
              <p>{wanted ? m.no_matches_about({ query: wanted }) : m.no_public_rooms_about()}</p>
            </Empty>
          )}
          {rooms.length > 0 && (
            <ul className="card directory" aria-label={m.public_rooms()}>
              {rooms.map((room) => (
                <DirectoryRow key={room.id} room={room} />
              ))}
            </ul>
          )}
          {pages.hasNextPage && (
            <button type="button" className="btn" onClick={() => void pages.fetchNextPage()}>
              {m.show_more()}
            </button>
          )}
        </div>
      </div>
    </>
  );
}

function DirectoryRow({ room }: { room: Room }) {
  const engine = useEngine();
  const join = useMutation({
    mutationFn: () => api.joinRoom(room.id),
    onSuccess: async (joined) => {
      await engine.adopt(joined);
      navigate(paths.room(joined.id));
    },
    onError: tellProblem,
  });
  return (
    <li>
      <span className="avatar">
        <Icon name="hash" />
      </span>
      <div className="about">
        <b>{room.name}</b>
        {room.topic && <p>{room.topic}</p>}
        <small className="num">{m.members_count({ count: room.members })}</small>
      </div>
      {room.role ? (
        <Link
          className="btn small"
          href={paths.room(room.id)}
          aria-label={m.open_named({ room: room.name })}
        >
          {m.open()}
        </Link>
      ) : (
        <button
          type="button"
          className="btn primary small"
          disabled={join.isPending}
          aria-label={m.join_named({ room: room.name })}
          onClick={() => join.mutate()}
        >
          {m.join()}
        </button>
      )}
    </li>
  );
}
