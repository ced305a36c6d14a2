import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  Autocomplete,
  Collection,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  TextField,
} from "react-aria-components";
import { api } from "../api/client";
import { useMe, useSync } from "../app/context";
import { closeLayer, openLayer } from "../app/layers";
import { chooseTheme } from "../kit/theme";
import { unreadCount } from "../kit/format";
import { navigate, paths } from "../kit/router";
import { useDebounced } from "../kit/useDebounced";
import { m } from "../paraglide/messages.js";
import { useStartDirect } from "../people/useStartDirect";
import { nameOf } from "../sync/room-list";
import { Dialog } from "../ui/Dialog";
import { Icon, type IconName } from "../ui/Icon";
import { byActivity, glyphOf } from "./names";
import "../ui/listbox.css";
import "./switcher.css";

interface Entry {
  id: string;
  label: string;
  note: string;
  icon: IconName;
  run: () => void;
}

interface Section {
  id: string;
  title: string;
  entries: Entry[];
}

const ROOMS_MAX = 8;
const PEOPLE_MAX = 5;

const plain = (text: string) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();

/** Ctrl+K: to a room, a person or an action by a few letters. */
export default function Switcher() {
  const [query, setQuery] = useState("");
  const rooms = useRoomEntries(query);
  const people = usePeopleEntries(query);
  const actions = useActionEntries(query);
  const sections: Section[] = [
    { id: "rooms", title: m.rooms(), entries: rooms },
    { id: "people", title: m.people(), entries: people },
    { id: "actions", title: m.actions(), entries: actions },
  ].filter(({ entries }) => entries.length > 0);
  const run = (id: React.Key) => {
    closeLayer();
    sections
      .flatMap(({ entries }) => entries)
      .find((entry) => entry.id === id)
      ?.run();
  };
  return (
    <Dialog title={m.go_to()} bare className="wide switcher">
      <Autocomplete inputValue={query} onInputChange={setQuery}>
        <TextField aria-label={m.switcher_label()} className="query" autoFocus>
          <Icon name="search" />
          <Input placeholder={m.switcher_label()} />
        </TextField>
        <Menu
          className="listbox results"
          aria-label={m.results()}
          items={sections}
          dependencies={[query]}
          onAction={run}
          renderEmptyState={() => <p className="nothing">{m.no_matches_about({ query })}</p>}
        >
          {(section) => (
            <MenuSection id={section.id}>
              <Header className="group-title">{section.title}</Header>
              <Collection items={section.entries} dependencies={[query]}>
                {(entry) => <EntryItem entry={entry} query={query} />}
              </Collection>
            </MenuSection>
          )}
        </Menu>
      </Autocomplete>
      <div className="keys" aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {m.key_move()}
        </span>
        <span>
          <kbd>Enter</kbd> {m.key_open()}
        </span>
        <span>
          <kbd>Esc</kbd> {m.key_close()}
        </span>
      </div>
    </Dialog>
  );
}

function EntryItem({ entry, query }: { entry: Entry; query: string }) {
  return (
    <MenuItem id={entry.id} textValue={entry.label} className="option">
      <Icon name={entry.icon} />
      <span>
        <b>
          <Marked text={entry.label} query={query} />
        </b>{" "}
        <small>{entry.note}</small>
      </span>
    </MenuItem>
  );
}

function Marked({ text, query }: { text: string; query: string }) {
  const at = query ? plain(text).indexOf(plain(query)) : -1;
  if (at < 0 || plain(text).length !== text.length) return text;
  const end = at + query.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}

const matches = (text: string, query: string) => plain(text).includes(plain(query.trim()));

function useRoomEntries(query: string): Entry[] {
  const rooms = useSync((state) => state.rooms);
  return useMemo(() => {
    const found = Object.values(rooms).filter((room) => matches(nameOf(room), query));
    const waiting = (unread: number) => Number(unread > 0);
    return found
      .toSorted(
        (one, other) => waiting(other.unread) - waiting(one.unread) || byActivity(one, other),
      )
      .slice(0, ROOMS_MAX)
      .map((room) => ({
        id: room.id,
        label: nameOf(room),
        note: room.unread > 0 ? m.unread_count({ count: unreadCount(room.unread) }) : "",
        icon: glyphOf(room.kind),
        run: () => navigate(paths.room(room.id)),
      }));
  }, [rooms, query]);
}

function usePeopleEntries(query: string): Entry[] {
  const me = useMe();
  const direct = useStartDirect();
  const wanted = useDebounced(query.trim().replace(/^@/, ""), 150);
  const found = useQuery({
    queryKey: ["people", wanted],
    queryFn: ({ signal }) => api.people(wanted, signal),
    enabled: wanted.length > 0,
    staleTime: 30_000,
  });
  if (!wanted) return [];
  return (found.data?.items ?? [])
    .filter(({ id }) => id !== me.id)
    .slice(0, PEOPLE_MAX)
    .map((person) => ({
      id: person.id,
      label: person.display_name,
      note: `@${person.username}`,
      icon: "user",
      run: () => direct.mutate(person.username),
    }));
}

function useActionEntries(query: string): Entry[] {
  const all: Entry[] = [
    {
      id: "create",
      label: m.create_room(),
      note: "",
      icon: "plus",
      run: () => openLayer({ kind: "create-room" }),
    },
    {
      id: "browse",
      label: m.browse_rooms(),
      note: "",
      icon: "compass",
      run: () => navigate(paths.browse),
    },
    {
      id: "everybody",
      label: m.people(),
      note: "",
      icon: "users",
      run: () => navigate(paths.people),
    },
    {
      id: "direct",
      label: m.new_direct(),
      note: "",
      icon: "message",
      run: () => openLayer({ kind: "direct" }),
    },
    {
      id: "saved",
      label: m.saved_messages(),
      note: "",
      icon: "bookmark",
      run: () => navigate(paths.saved),
    },
    { id: "light", label: m.use_light(), note: "", icon: "gear", run: () => chooseTheme("light") },
    {
      id: "contrast",
      label: m.use_contrast(),
      note: "",
      icon: "gear",
      run: () => chooseTheme("contrast"),
    },
    { id: "dark", label: m.use_dark(), note: "", icon: "gear", run: () => chooseTheme("dark") },
    {
      id: "help",
      label: m.keyboard_help(),
      note: "",
      icon: "keyboard",
      run: () => openLayer({ kind: "help" }),
    },
    { id: "you", label: m.profile(), note: "", icon: "user", run: () => navigate(paths.you) },
    {
      id: "sign-out",
      label: m.sign_out(),
      note: "",
      icon: "leave",
      run: () => openLayer({ kind: "sign-out" }),
    },
  ];
  return all.filter(({ label }) => matches(label, query)).slice(0, query ? all.length : 4);
}
