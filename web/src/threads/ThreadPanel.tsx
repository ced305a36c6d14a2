import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Message } from "../api/types";
import { useEngine, useMe, useRoom, useSync } from "../app/context";
import { type List, ListContext } from "../links/place";
import { quoteNothing, quoteOf } from "../composer/answering";
import { backToRoom } from "../composer/focus";
import { draftKey } from "../composer/sync-drafts";
import { Closed } from "../composer/Closed";
import { Composer } from "../composer/Composer";
import { Quoting } from "../composer/Quoting";
import { leaveTo } from "../kit/history";
import { paths } from "../kit/router";
import { notePeople } from "../mentions/known";
import { editLast } from "../messages/editLast";
import { peopleOf } from "../messages/peopleOf";
import { type MessageRow, rowsOf } from "../messages/rows";
import { TypingLine } from "../messages/TypingLine";
import { useReading } from "../messages/useReading";
import { m } from "../paraglide/messages.js";
import { addressOf } from "../rooms/names";
import { pressAll } from "../speech/player";
import { useOffered } from "../speech/useOffered";
import { emptyWindow } from "../sync/window";
import type { ThreadView } from "../sync/state";
import { tellProblem } from "../ui/failure";
import { IconButton } from "../ui/IconButton";
import { Failed, Skeletons } from "../ui/States";
import { ThreadRow } from "./ThreadRow";
import { useThreadKeys } from "./useThreadKeys";
import "../app/panel.css";

interface Props {
  room: string;
  root: string;
  /** A reply to point out. */
  message: string | undefined;
}

const COMPOSER = "thread-composer";
const AT_END_PX = 40;

/** A message and everything that answers it, beside the room. */
export default function ThreadPanel({ room: id, root, message }: Props) {
  const engine = useEngine();
  const room = useRoom(id);
  const view = useSync((state) => state.threads[root]);
  useEffect(() => {
    void engine.threads.open(id, root, message);
    return () => engine.threads.close(root);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- another reply is looked for below
  }, [engine, id, root]);
  const [editing, setEditing] = useState<string>();
  const close = () => {
    leaveTo(paths.room(id));
    backToRoom();
  };
  // Refused for good: not there, or not for me.
  const gone = view?.status === "failed" && view.problem?.mayPass === false;
  const panel = useFocusOnceGone(gone);
  if (!room) return null;
  const following = view?.following ?? false;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it
    <aside
      className="panel thread-panel"
      aria-label={m.thread()}
      tabIndex={-1}
      ref={panel}
      data-region
      onKeyDown={(event) => event.key === "Escape" && !event.defaultPrevented && close()}
    >
      <header className="page-header">
        <div>
          <h2>{m.thread()}</h2>
          <small>{m.in_room({ room: addressOf(room) })}</small>
        </div>
        <div className="end">
          <PlayThread view={view} />
          <IconButton
            icon="bell"
            label={following ? m.unfollow_thread() : m.follow_thread()}
            aria-pressed={following}
            disabled={view?.status !== "ready"}
            onClick={() => void engine.threads.follow(id, root, !following).catch(tellProblem)}
          />
          <IconButton icon="x" label={m.close()} onClick={close} />
        </div>
      </header>
      {view?.status === "failed" && (
        <Failed
          title={m.thread_failed()}
          problem={view.problem}
          onRetry={() => void engine.threads.open(id, root, message)}
        />
      )}
      {view?.status !== "ready" && view?.status !== "failed" && <Skeletons label={m.loading()} />}
      {view?.status === "ready" && (
        <Replies
          root={root}
          view={view}
          message={message}
          editing={editing}
          onEdit={setEditing}
        />
      )}
      <TypingLine room={root} />
      {room.closed && <Closed id={COMPOSER} room={room} />}
      {!room.closed && !gone && (
        <ThreadComposer room={id} root={root} onEdit={setEditing} onEscape={close} />
      )}
    </aside>
  );
}

/** The focus is lost with the composer: the panel takes it, unless somebody writes elsewhere. */
function useFocusOnceGone(gone: boolean) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const lost = document.activeElement === document.body;
    if (gone && lost) panel.current?.focus({ preventScroll: true });
  }, [gone]);
  return panel;
}

/** Everything in it that can be heard, one after the other. */
function PlayThread({ view }: { view: ThreadView | undefined }) {
  const heard = useOffered();
  if (!heard) return null;
  const said = [view?.root, ...(view?.window.items ?? [])].filter(
    (message) => message !== undefined && !message.deleted && message.text,
  );
  return (
    <IconButton
      icon="play"
      label={m.speech_thread()}
      disabled={said.length === 0}
      onClick={() => pressAll(said as Message[])}
    />
  );
}

interface ComposerProps {
  room: string;
  root: string;
  onEdit: (message: string) => void;
  onEscape: () => void;
}

function ThreadComposer({ room, root, onEdit, onEscape }: ComposerProps) {
  const engine = useEngine();
  const [also, setAlso] = useState(false);
  const draft = draftKey(room, root);
  return (
    <Composer
      compact
      id={COMPOSER}
      room={room}
      draft={draft}
      label={m.reply_in_thread()}
      above={<Quoting draft={draft} />}
      beside={
        <label className="also">
          <input
            type="checkbox"
            checked={also}
            onChange={(event) => setAlso(event.target.checked)}
          />
          {m.also_to_room()}
        </label>
      }
      onSend={(text, files) => {
        const also_to_room = also || undefined;
        const answering = { thread: root, quote: quoteOf(draft), also_to_room, files };
        void engine.send(room, text, answering);
        quoteNothing(draft);
        setAlso(false);
      }}
      onWrite={() => engine.typing(room, root)}
      onEditLast={() => editLast(engine, { room, thread: root }, onEdit)}
      onEscape={() => (quoteOf(draft) ? quoteNothing(draft) : onEscape())}
    />
  );
}

interface RepliesProps {
  root: string;
  view: ThreadView;
  message: string | undefined;
  editing: string | undefined;
  onEdit: (message: string | undefined) => void;
}

function Replies({ root, view, message, editing, onEdit }: RepliesProps) {
  const engine = useEngine();
  const { window } = view;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useReplyRows(root, view);
  const keys = useThreadKeys(scroller, COMPOSER);
  const list = useFollowing(scroller, rows, message);
  useEffect(() => {
    notePeople([...(view.root ? peopleOf(view.root) : []), ...window.items.flatMap(peopleOf)]);
  }, [view.root, window]);
  useRepliesRead(scroller, root, view);
  const stopEditing = useCallback(() => {
    onEdit(undefined);
    document.getElementById(COMPOSER)?.focus();
  }, [onEdit]);
  const place = { room: view.room, draft: draftKey(view.room, root), composer: COMPOSER };
  const rowOf = (row: MessageRow) => (
    <ThreadRow
      key={row.key}
      row={row}
      place={place}
      target={row.message.id === message}
      editing={editing === row.message.id}
      onEdit={onEdit}
      onDone={stopEditing}
    />
  );
  const [first] = rowsOf({
    window: { ...emptyWindow, items: view.root ? [view.root] : [], hasOlder: true },
    unsent: [],
    me: engine.me,
    newAfter: undefined,
  });
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows move
    <div className="replies" ref={scroller} onKeyDown={keys}>
      <ListContext value={list}>
        {first?.kind === "message" && rowOf(first)}
        <div className="replies-line" role="separator">
          {m.replies_count({ count: view.root?.replies?.count ?? rows.length })}
        </div>
        {window.hasOlder && (
          <button
            type="button"
            className="btn small quiet"
            disabled={view.older === "loading"}
            onClick={() => void engine.threads.session(root)?.loadOlder()}
          >
            {view.older === "failed" ? m.history_failed() : m.earlier_replies()}
          </button>
        )}
        {rows.map(rowOf)}
        {rows.length === 0 && <p className="no-replies">{m.no_replies()}</p>}
      </ListContext>
    </div>
  );
}

/** The replies, and mine that are on their way. */
function useReplyRows(root: string, { window, unread }: ThreadView): MessageRow[] {
  const me = useMe();
  const all = useSync((state) => state.unsent);
  return useMemo(() => {
    const unsent = all.filter(({ thread }) => thread === root);
    const firstNew = unread > 0 ? window.items.at(-unread) : undefined;
    const newAfter = firstNew && firstNew.seq - 1;
    const rows = rowsOf({ window: { ...window, hasOlder: true }, unsent, me, newAfter });
    return rows.filter((row) => row.kind === "message");
  }, [all, root, window, me, unread]);
}

/** The newest reply in sight is read, and with it all before it. */
function useRepliesRead(
  scroller: React.RefObject<HTMLDivElement | null>,
  root: string,
  { room, window }: ThreadView,
) {
  const engine = useEngine();
  const look = useReading(
    () => window.items.findLast(({ id }) => isHalfInSight(`t-${id}`, scroller.current))?.seq,
    (seq) => void engine.threads.markRead(room, root, seq),
  );
  useEffect(look, [look, window]);
  useEffect(() => {
    const element = scroller.current;
    element?.addEventListener("scroll", look, { passive: true });
    return () => element?.removeEventListener("scroll", look);
  }, [scroller, look]);
}

function isHalfInSight(row: string, scroller: Element | null): boolean {
  const frame = scroller?.getBoundingClientRect();
  const box = document.getElementById(row)?.getBoundingClientRect();
  return box !== undefined && frame !== undefined && (box.top + box.bottom) / 2 <= frame.bottom;
}

/** Stays at the end when it is there, and points out a reply that a link leads to. */
function useFollowing(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly MessageRow[],
  message: string | undefined,
) {
  const atEnd = useRef(true);
  const pointed = useRef<string>(undefined);
  const stay = useCallback(() => {
    const element = scroller.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [scroller]);
  useEffect(() => {
    const element = scroller.current;
    const look = () => {
      if (!element) return;
      const { scrollTop, scrollHeight, clientHeight } = element;
      atEnd.current = scrollHeight - scrollTop - clientHeight <= AT_END_PX;
    };
    element?.addEventListener("scroll", look, { passive: true });
    return () => element?.removeEventListener("scroll", look);
  }, [scroller]);
  useLayoutEffect(() => {
    const wanted =
      message && pointed.current !== message && document.getElementById(`t-${message}`);
    if (wanted) {
      pointed.current = message;
      atEnd.current = false;
      wanted.scrollIntoView({ block: "center" });
      wanted.focus({ preventScroll: true });
    } else stay();
  }, [rows, message, stay]);
  return useMemo(
    (): List => ({
      bare: new Set(),
      free: (row) => atEnd.current || isOutOfSight(row, scroller.current),
      wait(look) {
        const element = scroller.current;
        element?.addEventListener("scroll", look, { passive: true });
        return () => element?.removeEventListener("scroll", look);
      },
      grown: stay,
    }),
    [scroller, stay],
  );
}

function isOutOfSight(row: Element, scroller: Element | null): boolean {
  const frame = scroller?.getBoundingClientRect();
  const { top, bottom } = row.getBoundingClientRect();
  return !frame || bottom < frame.top || top > frame.bottom;
}
