import { useCallback } from "react";
import { useEngine, useMe, useRoom } from "../app/context";
import { type MessageAction, openLayer } from "../app/layers";
import { quote } from "../composer/answering";
import { navigate, paths } from "../kit/router";
import { toast } from "../kit/toasts";
import { isSaved } from "../saved/known";
import { press } from "../speech/player";
import { useOffered } from "../speech/useOffered";
import { fromWire } from "../mentions/wire";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { pathOf } from "./pathOf";
import { isRemoving, removeWithUndo } from "./removing";
import type { MessageRow } from "./rows";

const copy = (text: string) =>
  void navigator.clipboard.writeText(text).then(() => toast(m.copied()));

type Saving = typeof import("../saved/save");
const saving = (run: (verbs: Saving) => Promise<void>) =>
  void import("../saved/save").then(run).catch(() => toast(m.page_failed()));

interface Place {
  room: string;
  /** Whose draft a quotation goes to, and the text area that gets the focus. */
  draft: string;
  composer: string;
  onEdit: (message: string) => void;
  /** In a thread there is no thread to open. */
  threads: boolean;
  /** How a message's element is found. */
  elementOf: (message: string) => HTMLElement | null;
}

/** What this person may do with a message. */
export function useActions({ room, draft, composer, onEdit, threads, elementOf }: Place) {
  const engine = useEngine();
  const me = useMe();
  const { role, closed } = useRoom(room) ?? {};
  const heard = useOffered();
  return useCallback(
    ({ message, unsent }: MessageRow): readonly MessageAction[] => {
      if (unsent || message.deleted || isRemoving(message.id)) return [];
      const mine = message.sender.id === me.id;
      const moderates = role === "owner" || role === "moderator";
      const actions: (MessageAction | false)[] = [
        !closed && {
          id: "react",
          run: () => {
            const anchor = elementOf(message.id);
            const onPick = (emoji: string) =>
              void engine.react(message, emoji, true).catch(tellProblem);
            if (anchor) openLayer({ kind: "emoji", anchor, onPick });
          },
        },
        heard
          ? { id: "play", run: () => press(message) }
          : {
              id: "play",
              refused: m.speech_not_offered(),
              run: () => toast(m.speech_not_offered()),
            },
        !closed && {
          id: "reply",
          run: () => {
            quote(draft, message);
            document.getElementById(composer)?.focus();
          },
        },
        threads && {
          id: "thread",
          run: () => navigate(paths.thread(room, message.thread ?? message.id)),
        },
        mine && !closed && { id: "edit", run: () => onEdit(message.id) },
        isSaved(message)
          ? { id: "unsave", run: () => saving(({ unsave }) => unsave(message)) }
          : { id: "save", run: () => saving(({ save }) => save(message)) },
        { id: "copy-text", run: () => copy(fromWire(message.text ?? "")) },
        { id: "copy-link", run: () => copy(location.origin + pathOf(message)) },
        threads && {
          id: "unread",
          run: () => void engine.reading.markUnread(room, message.seq).catch(tellProblem),
        },
        message.revision > 1 && {
          id: "history",
          run: () => openLayer({ kind: "history", message }),
        },
        (mine || moderates) && {
          id: "delete",
          run: () => removeWithUndo(engine, message),
        },
      ];
      return actions.filter((action) => action !== false);
    },
    [engine, me.id, role, closed, heard, room, draft, composer, onEdit, threads, elementOf],
  );
}
