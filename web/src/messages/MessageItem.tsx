import {
  memo,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  type TouchEvent,
  useRef,
  useState,
} from "react";
import { useMe } from "../app/context";
import { type MessageAction, openLayer } from "../app/layers";
import type { Message } from "../api/types";
import { clockTime, fullTime } from "../kit/format";
import { Files } from "../files/Files";
import { LinkCard } from "../links/LinkCard";
import { Markdown } from "../markdown/Markdown";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../people/nameOf";
import { PersonLink } from "../people/PersonLink";
import { useIsSaved } from "../saved/known";
import { Player } from "../speech/Player";
import { ThreadButton } from "../threads/ThreadButton";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { QuoteCard } from "./QuoteCard";
import { Reactions } from "./Reactions";
import { useIsRemoving } from "./removing";
import type { MessageRow } from "./rows";
import { Tools } from "./Tools";

const LONG_PRESS_MS = 450;

interface Props {
  row: MessageRow;
  /** Of the element's id: a message may be in the room and in its thread. */
  prefix?: "m-" | "t-";
  active: boolean;
  target: boolean;
  actionsOf: (row: MessageRow) => readonly MessageAction[];
  editor?: ReactNode;
  delivery?: ReactNode;
  onLongPress: (row: MessageRow) => void;
}

/** One message: who and when at the head of a turn, then the text, then how it is doing. */
export const MessageItem = memo(function MessageItem(props: Props) {
  const { row, prefix = "m-", active, target, actionsOf, editor, delivery, onLongPress } = props;
  const { message, unsent, head, last } = row;
  const me = useMe();
  const gone = useIsRemoving(message.id) || message.deleted;
  const saved = useIsSaved(message) && !gone;
  const press = useLongPress(() => onLongPress(row));
  // Buttons of rows that nobody points at would only be weight.
  const [near, setNear] = useState(false);
  const nearing = { onPointerEnter: () => setNear(true), onFocus: () => setNear(true) };
  const label = `${prefix}by-${message.id}`;
  const forMe = !gone && callsMe(message, me.id);
  const classes = ["message", head && "head", last && "last", unsent && "pending", forMe && "you"];
  if (target) classes.push("target");
  return (
    <article
      id={prefix + message.id}
      className={classes.filter(Boolean).join(" ")}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
      {...nearing}
      {...press}
    >
      <div className="gutter">
        {head ? (
          <Avatar person={message.sender} />
        ) : (
          <time dateTime={message.created_at} aria-hidden="true">
            {clockTime(message.created_at)}
          </time>
        )}
      </div>
      <div className="said">
        <div className={head ? "by" : "vh"} id={label}>
          <b>
            {head ? (
              // Tab goes to that of the message with the focus, past those of all the others.
              <PersonLink person={message.sender} tabIndex={active ? 0 : -1} />
            ) : (
              nameOf(message.sender)
            )}
          </b>{" "}
          <time dateTime={message.created_at} title={fullTime(message.created_at)}>
            {clockTime(message.created_at)}
          </time>
        </div>
        {saved && (
          <span className="kept" title={m.saved_done()}>
            <Icon name="bookmark" small />
            <span className="vh">{m.saved_done()}</span>
          </span>
        )}
        {editor || <Body message={message} gone={gone} />}
        {delivery}
        {!editor && !gone && !unsent && <LinkCard message={message} />}
        {!gone && <Player message={message} />}
        {!editor && !gone && <Reactions message={message} />}
        {prefix === "m-" && <ThreadButton message={message} />}
      </div>
      {(near || active) && !editor && <Tools actions={actionsOf(row)} />}
    </article>
  );
});

const callsMe = ({ mentions = [], everyone, sender }: Message, me: string) =>
  mentions.some(({ id }) => id === me) || (everyone !== undefined && sender.id !== me);

function Body({ message, gone }: { message: Message; gone: boolean }) {
  const { files = [] } = message;
  if (gone || (!message.text && files.length === 0)) {
    return (
      <p className="deleted">
        <Icon name="eyeOff" small />
        {m.message_deleted()}
      </p>
    );
  }
  return (
    <>
      {message.quote && <QuoteCard room={message.room} quote={message.quote} />}
      {message.text && (
        <Markdown
          id={message.id}
          text={message.text}
          everyone={message.everyone !== undefined}
          after={message.revision > 1 && <Edited message={message} />}
        />
      )}
      {files.length > 0 && <Files files={files} />}
    </>
  );
}

/** That a text was changed; leads to what it was before. */
function Edited({ message }: { message: Message }) {
  return (
    <button
      type="button"
      className="edited"
      tabIndex={-1}
      title={message.edited_at ? fullTime(message.edited_at) : undefined}
      onClick={() => openLayer({ kind: "history", message })}
    >
      {m.message_edited()}
    </button>
  );
}

/** Touch has no hover: holding a message opens its actions. */
function useLongPress(run: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef(false);
  const cancel = () => clearTimeout(timer.current);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType !== "touch") return;
      cancel();
      held.current = false;
      timer.current = setTimeout(() => {
        held.current = true;
        run();
      }, LONG_PRESS_MS);
    },
    onPointerUp: cancel,
    // Else letting go is a click, on the action that has come below the finger.
    onTouchEnd: (event: TouchEvent) => held.current && event.preventDefault(),
    onPointerCancel: cancel,
    onPointerMove: (event: PointerEvent) => {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 4) cancel();
    },
    // The menu of the name's link would cover the actions; that of a link in the text stays.
    onContextMenu(event: MouseEvent) {
      const { pointerType } = event.nativeEvent as globalThis.PointerEvent;
      if (pointerType === "touch" && (event.target as Element).closest(".by")) {
        event.preventDefault();
      }
    },
  };
}
