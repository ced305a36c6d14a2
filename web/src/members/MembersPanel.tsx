import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import { useMe, useRoom } from "../app/context";
import { closePanel } from "../app/layers";
import type { Member, Room } from "../api/types";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { Here } from "../people/Here";
import { PersonLink } from "../people/PersonLink";
import { nameOf } from "../sync/room-list";
import { IconButton } from "../ui/IconButton";
import { MenuButton } from "../ui/MenuButton";
import { SearchField } from "../ui/SearchField";
import { Failed, Skeletons } from "../ui/States";
import { Invitations } from "./Invitations";
import { InviteForm } from "./InviteForm";
import { roleName } from "./roles";
import { useMemberChoices } from "./useMemberChoices";
import "../app/panel.css";
import "./members.css";

/** Who is in the room, and bringing more people in. */
export default function MembersPanel({ room: id }: { room: string }) {
  const room = useRoom(id);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
  }, []);
  if (!room) return null;
  const manages = room.role === "owner" || room.role === "moderator";
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it
    <aside
      className="panel"
      aria-label={m.members()}
      tabIndex={-1}
      ref={panel}
      data-region
      onKeyDown={(event) => {
        const inField = document.activeElement instanceof HTMLInputElement;
        if (event.key === "Escape" && !inField) closePanel();
      }}
    >
      <header className="page-header">
        <div>
          <h2>{m.members()}</h2>
          <small>{nameOf(room)}</small>
        </div>
        <div className="end">
          <IconButton icon="x" label={m.close()} onClick={closePanel} />
        </div>
      </header>
      <div className="panel-body">
        {manages && <InviteForm room={id} />}
        <MemberRows room={room} />
        {manages && <Invitations room={id} />}
      </div>
    </aside>
  );
}

/** The members of a room who are called so; those of the question before until they are here. */
const useMembers = (room: string, query: string) =>
  useInfiniteQuery({
    queryKey: ["members", room, query],
    queryFn: ({ pageParam }) => api.members(room, pageParam, query || undefined),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

function MemberRows({ room }: { room: Room }) {
  const [query, setQuery] = useState("");
  const wanted = useDebounced(query.trim(), 200);
  const list = useRef<HTMLUListElement>(null);
  const pages = useMembers(room.id, wanted);
  const members = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section aria-labelledby="members-heading">
      <h3 id="members-heading">{m.members_count({ count: room.members })}</h3>
      <SearchField
        label={m.search_members()}
        value={query}
        onChange={setQuery}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          list.current?.querySelector("a")?.focus();
        }}
      />
      <Found pages={pages} query={wanted} count={members.length} />
      {pages.isPending && <Skeletons label={m.loading()} />}
      {pages.isError && (
        <Failed
          title={m.members_failed()}
          problem={asProblem(pages.error)}
          onRetry={() => void pages.refetch()}
        />
      )}
      <ul ref={list}>
        {members.map((member) => (
          <MemberRow key={member.person.id} room={room} member={member} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <button type="button" className="btn small" onClick={() => void pages.fetchNextPage()}>
          {m.show_more()}
        </button>
      )}
    </section>
  );
}

interface FoundProps {
  pages: ReturnType<typeof useMembers>;
  query: string;
  count: number;
}

/** What came of a question, said aloud, too; there are rows to see unless nobody was found. */
function Found({ pages, query, count }: FoundProps) {
  const known = query !== "" && pages.isSuccess && !pages.isPlaceholderData;
  const some = pages.hasNextPage ? m.members_found_more({ count }) : m.members_found({ count });
  return (
    <p role="status" className={known && count === 0 ? "nobody" : "vh"}>
      {known && (count === 0 ? m.people_no_match({ query }) : some)}
    </p>
  );
}

function MemberRow({ room, member }: { room: Room; member: Member }) {
  const me = useMe();
  const { person, role } = member;
  const choices = useMemberChoices(room, member);
  return (
    <li className="member">
      <Here person={person} />
      <div className="about">
        <b>
          <PersonLink person={person} />
          {person.id === me.id && <span className="you"> {m.you_in_brackets()}</span>}
        </b>
        <small>@{person.username}</small>
      </div>
      {role !== "member" && (
        <span className={role === "owner" ? "chip teal" : "chip"}>{roleName(role)}</span>
      )}
      {choices.length > 0 && (
        <MenuButton
          icon="dots"
          label={m.options_for({ name: person.display_name })}
          choices={choices}
        />
      )}
    </li>
  );
}
