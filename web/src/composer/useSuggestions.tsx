/** What can be called at the caret: people, rooms and emoji that begin as what was written. */
import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, type ReactNode, useMemo } from "react";
import { api } from "../api/client";
import type { Person, Room } from "../api/types";
import { useMe, useRoom, useSync } from "../app/context";
import { noteUsed, toned } from "../emoji/habits";
import type { Emoji } from "../emoji/names";
import { useLocale } from "../kit/locale";
import { useDebounced } from "../kit/useDebounced";
import { isAtLeast } from "../members/roles";
import { notePeople } from "../mentions/known";
import { m } from "../paraglide/messages.js";
import { byActivity, glyphOf } from "../rooms/names";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import type { Query } from "./query";

export interface Suggestion {
  readonly key: string;
  /** What takes the place of the sign and the letters after it. */
  readonly by: string;
  readonly picture: ReactNode;
  readonly label: string;
  readonly note?: string;
  readonly end?: string;
  readonly onChoose?: () => void;
}

const SHOWN_MAX = 7;
const nothing: readonly Suggestion[] = [];

export function useSuggestions(room: string, query: Query | undefined): readonly Suggestion[] {
  const people = usePeople(room, query?.sign === "@" ? query.written : undefined);
  const rooms = useRooms(query?.sign === "#" ? query.written : undefined);
  const emoji = useEmoji(query?.sign === ":" ? query.written : undefined);
  const calls = useEveryone(room, query?.sign === "@" ? query.written : undefined);
  const callable = useMemo(() => [...people, ...calls], [people, calls]);
  const commands = useCommands(room, query?.sign === "/" ? query.written : undefined);
  if (query?.sign === "@") return callable;
  if (query?.sign === "/") return commands;
  return query?.sign === "#" ? rooms : emoji;
}

const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Begins the user name, or a word of the name that is shown. */
function begins(person: Person, written: string): boolean {
  const wanted = folded(written);
  const words = [person.username, ...person.display_name.split(/\s+/)].map(folded);
  return words.some((word) => word.startsWith(wanted));
}

function usePeople(room: string, written: string | undefined): readonly Suggestion[] {
  const me = useMe();
  const asked = useDebounced(written, 120);
  const members = useQuery({
    queryKey: ["callable", room],
    queryFn: () => api.members(room),
    enabled: written !== undefined,
    staleTime: 60_000,
  });
  const found = useQuery({
    queryKey: ["people", asked],
    queryFn: ({ signal }) => api.people(asked ?? "", signal),
    enabled: Boolean(asked),
    staleTime: 30_000,
  });
  return useMemo(() => {
    if (written === undefined) return nothing;
    const inside = (members.data?.items ?? []).map(({ person }) => person);
    const ids = new Set(inside.map(({ id }) => id));
    const outside = (found.data?.items ?? []).filter(({ id }) => !ids.has(id));
    const complete = members.data !== undefined && !members.data.next;
    const near = inside.filter((person) => begins(person, written));
    const far = written ? outside.filter((person) => begins(person, written)) : [];
    return [...near, ...far]
      .filter(({ id }) => id !== me.id)
      .slice(0, SHOWN_MAX)
      .map((person) => ({
        key: person.id,
        by: `@${person.username} `,
        picture: <Avatar person={person} size="small" />,
        label: person.display_name,
        note: `@${person.username}`,
        end: complete && !ids.has(person.id) ? m.outside_room() : undefined,
        onChoose: () => notePeople([person]),
      }));
  }, [written, members.data, found.data, me.id]);
}

const EVERYONE = { "--hue": 200 } as CSSProperties;

/** The calls to everyone, for whom may make them here. */
function useEveryone(id: string, written: string | undefined): readonly Suggestion[] {
  const room = useRoom(id);
  const may = room && room.kind !== "direct" && isAtLeast(room.role, room.everyone_role);
  const locale = useLocale();
  return useMemo(() => {
    if (written === undefined || !may) return nothing;
    const calls = { room: m.call_room({}, { locale }), here: m.call_here({}, { locale }) };
    return Object.entries(calls)
      .filter(([name]) => name.startsWith(folded(written)))
      .map(([name, note]) => ({
        key: `@${name}`,
        by: `@${name} `,
        picture: (
          <span className="avatar small" style={EVERYONE}>
            <Icon name="users" small />
          </span>
        ),
        label: `@${name}`,
        note,
      }));
  }, [written, may, locale]);
}

/** What can be done here by a command that is not written out yet. */
function useCommands(id: string, written: string | undefined): readonly Suggestion[] {
  const room = useRoom(id);
  const locale = useLocale();
  const commands = useQuery({
    queryKey: ["commands", locale],
    queryFn: async () => (await import("./commandList")).commandList(),
    enabled: written !== undefined,
    staleTime: Infinity,
  });
  return useMemo(() => {
    if (written === undefined || !room) return nothing;
    const begun = written.toLowerCase();
    return (commands.data ?? [])
      .filter(({ name, isFor }) => name.startsWith(begun) && name !== begun && isFor(room))
      .map(({ name, icon, about, alone }) => ({
        key: name,
        by: alone ? `/${name}` : `/${name} `,
        picture: <Icon name={icon} />,
        label: `/${name}`,
        note: about,
      }));
  }, [written, room, commands.data]);
}

const named = (room: Room, wanted: string) => folded(room.name).includes(wanted);

function useRooms(written: string | undefined): readonly Suggestion[] {
  const rooms = useSync((state) => state.rooms);
  return useMemo(() => {
    if (written === undefined) return nothing;
    return Object.values(rooms)
      .filter((room) => room.kind !== "direct" && named(room, folded(written)))
      .toSorted(byActivity)
      .slice(0, SHOWN_MAX)
      .map((room) => ({
        key: room.id,
        by: `#${room.name} `,
        picture: <Icon name={glyphOf(room.kind)} />,
        label: room.name,
        note: room.topic,
      }));
  }, [rooms, written]);
}

const nameOf = ({ names, label }: Emoji, written: string) =>
  names.find((name) => name.startsWith(written)) ?? names[0] ?? label;

function useEmoji(written: string | undefined): readonly Suggestion[] {
  const locale = useLocale();
  const { data: search } = useQuery({
    queryKey: ["emoji", locale],
    queryFn: async () => {
      const { emojiNames, searchEmoji } = await import("../emoji/names");
      const names = await emojiNames(locale);
      return (wanted: string) => searchEmoji(names, wanted, SHOWN_MAX);
    },
    enabled: written !== undefined,
    staleTime: Infinity,
  });
  return useMemo(() => {
    if (written === undefined || !search) return nothing;
    return search(written).map((emoji) => ({
      key: emoji.emoji,
      by: `${toned(emoji)} `,
      picture: <span className="emoji">{toned(emoji)}</span>,
      label: `:${nameOf(emoji, written)}:`,
      note: emoji.label,
      onChoose: () => noteUsed(toned(emoji)),
    }));
  }, [written, search]);
}
