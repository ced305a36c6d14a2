/** What is told aloud and what grows stale when something happens. */
import type { QueryClient } from "@tanstack/react-query";
import { announce, announceNow } from "../kit/announcer";
import { navigate, parseRoute, paths } from "../kit/router";
import { preferences } from "../kit/preferences";
import { toast } from "../kit/toasts";
import { takeDraft } from "../composer/sync-drafts";
import { told, withdrawn } from "../speech/player";
import { lineOf } from "../mentions/line";
import { tellOf } from "../notices/tell";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import type { Message, RoomEvent } from "../api/types";
import { inRoom } from "../sync/room-timeline";
import { nameOf } from "../sync/room-list";
import type { Happenings, Notice } from "../sync/state";
import { describe } from "../ui/States";

const BATCH_MS = 1500;
const READ_OUT_MAX = 3;
const LINE_CHARS_MAX = 120;

const watchedRoom = () => {
  const route = parseRoute(location.pathname);
  return route.page === "room" ? route.room : undefined;
};

const composing = () => {
  const area = document.activeElement;
  return area instanceof HTMLTextAreaElement && area.value !== "";
};

export function createHappenings(queries: QueryClient, engine: () => Engine): Happenings {
  let heard: (RoomEvent & { type: "message" })[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const callsMe = ({ mentions = [], everyone }: Message) =>
    everyone !== undefined || mentions.some(({ id }) => id === engine().me.id);

  const readOut = () => {
    timer = undefined;
    let messages = heard.filter(({ room }) => room === watchedRoom());
    heard = [];
    const room = messages[0] && engine().rooms.get(messages[0].room);
    const { spoken } = preferences();
    if (!room || spoken === "off") return;
    if (spoken === "mentions" || composing()) messages = messages.filter(callsMe);
    if (messages.length === 0) return;
    if (messages.length > READ_OUT_MAX)
      return announce(m.announce_many({ count: messages.length, room: nameOf(room) }));
    announce(
      messages
        .map(({ sender, text }) => `${sender.display_name}: ${lineOf(text ?? "")}`)
        .join(". "),
    );
  };

  // The choices are asked for only when they are needed; what fails is in the inbox all the same.
  const tell = (room: string, text: string, path: string) =>
    void tellOf(queries, room, text, path).catch(() => undefined);

  const tellDirect = ({ room, id, sender, text, mentions = [] }: Message) => {
    if (engine().rooms.get(room)?.kind !== "direct") return;
    if (mentions.some((person) => person.id === engine().me.id)) return;
    const line = lineOf(text ?? "").slice(0, LINE_CHARS_MAX);
    tell(room, `${sender.display_name}: ${line}`, paths.message(room, id));
  };

  return {
    inboxChanged: () =>
      void Promise.all(
        ["inbox", "threads"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
    draftChanged: takeDraft,
    clipChanged: told,
    noticesChanged: () => void queries.invalidateQueries({ queryKey: ["notices"] }),
    called({ room: id, message, thread }) {
      const room = engine().rooms.get(id);
      if (!room || (id === watchedRoom() && !thread)) return;
      const path = thread
        ? paths.threadMessage(id, thread, message)
        : paths.message(id, message);
      tell(id, m.called_in({ room: nameOf(room) }), path);
    },
    news(event) {
      if (event.type === "messageDeleted") withdrawn(event.message);
      if (event.type.startsWith("member"))
        void queries.invalidateQueries({ queryKey: ["members", event.room] });
      if (event.type === "memberJoined")
        void queries.invalidateQueries({ queryKey: ["invitations", event.room] });
      if (event.type !== "message" || event.sender.id === engine().me.id) return;
      if (!inRoom(event)) return;
      if (event.room !== watchedRoom()) return tellDirect(event);
      heard.push(event);
      timer ??= setTimeout(readOut, BATCH_MS);
    },
    notice(notice: Notice) {
      if (notice.kind === "removed") {
        toast(m.removed_from_room({ room: notice.name }));
        const open = watchedRoom();
        if (open && !engine().rooms.get(open)) navigate(paths.home, { replace: true });
      }
      if (notice.kind === "rejected") announceNow(m.rejected());
      if (notice.kind === "failed") toast(describe(notice.problem), notice.problem.requestId);
    },
  };
}
