import { type ReactNode, useEffect } from "react";
import type { InboxItem, Person, RoomKind } from "../api/types";
import { fullTime, shortTime } from "../kit/format";
import { Markdown } from "../markdown/Markdown";
import { notePeople } from "../mentions/known";
import { peopleOf } from "../messages/peopleOf";
import { m } from "../paraglide/messages.js";
import { glyphOf } from "../rooms/names";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";

interface WhereProps {
  id: string;
  person: Person;
  at: string;
  kind: RoomKind;
  name: string;
  /** Why it is here, in words. */
  why?: string;
}

/** Who it was, in which room, and when. */
export function Where({ id, person, at, kind, name, why }: WhereProps) {
  return (
    <div className="where" id={id}>
      <b>{person.display_name}</b>
      {why && <span>{why}</span>}
      <span className="room">
        <Icon name={glyphOf(kind)} small />
        {kind === "direct" ? m.direct_message() : name}
      </span>
      <time dateTime={at} title={fullTime(at)}>
        {shortTime(at)}
      </time>
    </div>
  );
}

interface ListedProps {
  /** The id of what names the row. */
  id: string;
  item: Pick<InboxItem, "message" | "room_kind" | "room_name">;
  active: boolean;
  unread?: boolean;
  /** Why it is here, in words. */
  why?: string;
  /** What stands for a message without a text. */
  bare: string;
  onOpen: () => void;
  /** What else can be done about it. */
  children: ReactNode;
}

/** A message in a list of messages of all rooms: who said it, where, when and what. */
export function ListedMessage(props: ListedProps) {
  const { id, item, active, unread = false, why, bare, onOpen, children } = props;
  const { message, room_kind, room_name } = item;
  useEffect(() => notePeople(peopleOf(message)), [message]);
  return (
    <li
      className={unread ? "inbox-row unread" : "inbox-row"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={id}
    >
      <Avatar person={message.sender} />
      <div className="about">
        <Where
          id={id}
          person={message.sender}
          at={message.created_at}
          kind={room_kind}
          name={room_name}
          why={why}
        />
        {unread && <span className="vh">{m.unread()}</span>}
        {message.deleted || message.text == null ? (
          <p className="gone">{m.message_deleted()}</p>
        ) : (
          <Markdown
            id={id}
            text={message.text || bare}
            everyone={message.everyone !== undefined}
          />
        )}
      </div>
      <div className="ends">
        <button type="button" className="btn small" onClick={onOpen}>
          {m.go_to_message()}
        </button>
        {children}
      </div>
    </li>
  );
}

interface Props {
  item: InboxItem;
  active: boolean;
  onOpen: () => void;
  onRead: () => void;
}

const whyOf = (reason: InboxItem["reason"]): string =>
  ({
    name: m.reason_name(),
    room: m.reason_room(),
    here: m.reason_here(),
    reply: m.reason_reply(),
    quote: m.reason_quote(),
  })[reason];

/** Something for me. */
export function InboxRow({ item, active, onOpen, onRead }: Props) {
  return (
    <ListedMessage
      id={`in-${item.message.id}`}
      item={item}
      active={active}
      unread={!item.read}
      why={whyOf(item.reason)}
      bare={m.files_only()}
      onOpen={onOpen}
    >
      {!item.read && <IconButton icon="check" label={m.inbox_read()} onClick={onRead} />}
    </ListedMessage>
  );
}
