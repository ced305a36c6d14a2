/** What is told aloud and what grows stale when something happens. */
import type { QueryClient } from "@tanstack/react-query";
import { announce, announceNow } from "../kit/announcer";
import { navigate, parseRoute, paths } from "../kit/router";
import { preferences } from "../kit/preferences";
import { toast } from "../kit/toasts";
import { takeDraft } from "../composer/sync-drafts";
import { noteSaved } from "../saved/known";
import { told, withdrawn } from "../speech/player";
import { lineOfMessage } from "../mentions/line";
import type { Teller } from "../notices/tell";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import type { Message, RoomEvent } from "../api/types";
import { inRoom } from "../sync/room-timeline";
import { nameOf } from "../sync/room-list";
import type { Happenings, Notice } from "../sync/state";
import { describe } from "../ui/States";

const BATCH_MS = 1500;
const READ_OUT_MAX = 3;

const watchedRoom = () => {
  const route = parseRoute(location.pathname);
  return route.page === "room" ? route.room : undefined;
};

const composing = () => {
  const area = document.activeElement;
  return area instanceof HTMLTextAreaElement && area.value !== "";
};

/** What shows otherwise in the list of saved messages, or again. */
const changesSaved = new Set<RoomEvent["type"]>([
  "messageEdited",
  "messageDeleted",
  "memberJoined",
  "roomChanged",
]);

/** What cannot be asked for now is in the numbers, and in the inbox, all the same. */
const quietly = (telling: Promise<void>) => void telling.catch(() => undefined);

/** Its code comes with the first connection: there is nothing to tell of before. */
function lateTeller(queries: QueryClient, engine: () => Engine) {
  let teller: Promise<Teller> | undefined;
  return (tell: (teller: Teller) => Promise<void> | void) => {
    teller ??= import("../notices/tell").then(({ Teller }) => new Teller(queries, engine));
    teller.catch(() => (teller = undefined));
    quietly(teller.then(tell));
  };
}

export function createHappenings(queries: QueryClient, engine: () => Engine): Happenings {
  let heard: (RoomEvent & { type: "message" })[] = [];
  /** What was read out last. */
  let said: typeof heard = [];
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
    said = messages;
    if (messages.length > READ_OUT_MAX)
      return announce(m.announce_many({ count: messages.length, room: nameOf(room) }));
    announce(
      messages
        .map((message) => `${message.sender.display_name}: ${lineOfMessage(message)}`)
        .join(". "),
    );
  };

  /** Whoever goes on with a screen reader to where it was read out finds nothing that is gone. */
  const unsay = (gone: string) => {
    heard = heard.filter(({ id }) => id !== gone);
    if (said.some(({ id }) => id === gone)) announce("");
  };

  const withTeller = lateTeller(queries, engine);

  return {
    inboxChanged: () =>
      void Promise.all(
        ["inbox", "threads"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
    draftChanged: takeDraft,
    clipChanged: told,
    savedChanged(told) {
      if (told) noteSaved(told);
      else quietly(import("../saved/save").then(({ renewSaved }) => renewSaved()));
      void queries.invalidateQueries({ queryKey: ["saved"] });
    },
    noticesChanged() {
      void queries.invalidateQueries({ queryKey: ["notices"] });
      withTeller((teller) => teller.forgetFollowed());
    },
    resumed: (wasMissed) => withTeller((teller) => teller.missed(wasMissed)),
    roomFound(room) {
      withTeller((teller) => teller.found(room));
      // While it was not mine the list may have been answered without what I saved there.
      void queries.invalidateQueries({ queryKey: ["saved"] });
    },
    called: (call) => withTeller((teller) => teller.called(call)),
    threadFollowed: ({ thread, following }) =>
      withTeller((teller) => teller.followed(thread, following)),
    news(event) {
      if (event.type === "messageDeleted") {
        withdrawn(event.message);
        unsay(event.message);
      }
      if (event.type.startsWith("member"))
        void queries.invalidateQueries({ queryKey: ["members", event.room] });
      if (event.type === "memberJoined")
        void queries.invalidateQueries({ queryKey: ["invitations", event.room] });
      if (changesSaved.has(event.type)) void queries.invalidateQueries({ queryKey: ["saved"] });
      if (event.type !== "message") return;
      withTeller((teller) => teller.said(event));
      const mine = event.sender.id === engine().me.id;
      if (mine || !inRoom(event) || event.room !== watchedRoom()) return;
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
