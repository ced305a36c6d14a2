import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { api } from "../api/client";
import type { Person } from "../api/types";
import { useMe } from "../app/context";
import { InboxList, itemsOf } from "../inbox/InboxList";
import { KeysLine } from "../inbox/KeysLine";
import { useListKeys } from "../inbox/useListKeys";
import { navigate, paths } from "../kit/router";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { SearchField } from "../ui/SearchField";
import { Empty } from "../ui/States";
import { Here } from "./Here";
import { MessageButton } from "./MessageButton";
import { Offline } from "./Offline";
import { PersonLink } from "./PersonLink";

const PAGE = 50;

/** Everybody here by name: whether they are around, and the way to them. */
export function Everybody() {
  const [query, setQuery] = useState("");
  const wanted = useDebounced(query.trim(), 200);
  const pages = useInfiniteQuery({
    queryKey: ["people", "everybody", wanted],
    queryFn: ({ pageParam, signal }) =>
      api.people(wanted, signal, { cursor: pageParam, limit: PAGE }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const people = itemsOf(pages);
  const keys = useListKeys(people, ({ id }) => navigate(paths.person(id)));
  const toList = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    keys.props.ref.current?.querySelector("li")?.focus();
  };
  // What is shown of another question, or not at all, cannot be had now.
  const missing = pages.isPending || pages.isPlaceholderData;
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.people()}</h1>
      </header>
      <div className="page-body">
        <div className="column">
          <SearchField
            label={m.search_people()}
            value={query}
            onChange={setQuery}
            onKeyDown={toList}
          />
          {missing && pages.fetchStatus === "paused" ? (
            <Offline />
          ) : (
            <InboxList
              pages={pages}
              items={people}
              keys={keys}
              failed={m.people_failed()}
              empty={<Nobody query={wanted} />}
              hint={<KeysLine />}
            >
              {(person, active) => <PersonRow key={person.id} person={person} active={active} />}
            </InboxList>
          )}
        </div>
      </div>
    </>
  );
}

const Nobody = ({ query }: { query: string }) => (
  <Empty icon="users" title={m.no_matches()}>
    <p>{query ? m.people_no_match({ query }) : m.people_none()}</p>
  </Empty>
);

function PersonRow({ person, active }: { person: Person; active: boolean }) {
  const me = useMe();
  const label = `person-${person.id}`;
  return (
    <li
      className="person-row"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
    >
      <Here person={person} />
      <div className="about" id={label}>
        <b>
          <PersonLink person={person} />
        </b>
        {person.id === me.id && <span className="you"> {m.you_in_brackets()}</span>}
        <small>@{person.username}</small>
      </div>
      {person.id !== me.id && <MessageButton person={person} />}
    </li>
  );
}
