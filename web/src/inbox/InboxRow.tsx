import { useEffect } from "react";
import type { InboxItem, Person, RoomKind } from "../api/types";
import { fullTime, shortTime } from "../kit/format";
import { Markdown } from "../markdown/Markdown";
import { notePeople } from "../mentions/known";
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

/** Something for me: who said it, where, when and what. */
export function InboxRow({ item, active, onOpen, onRead }: Props) {
  const { message, read, reason, room_kind, room_name } = item;
  const label = `in-${message.id}`;
  useEffect(() => notePeople([message.sender, ...(message.mentions ?? [])]), [message]);
  return (
    <li
      className={read ? "inbox-row" : "inbox-row unread"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
    >
      <Avatar person={message.sender} />
      <div className="about">
        <Where
          id={label}
          person={message.sender}
          at={message.created_at}
          kind={room_kind}
          name={room_name}
          why={whyOf(reason)}
        />
        {!read && <span className="vh">{m.unread()}</span>}
        {message.deleted || message.text == null ? (
          <p className="gone">{m.message_deleted()}</p>
        ) : (
          <Markdown id={label} text={message.text || m.files_only()} />
        )}
      </div>
      <div className="ends">
        <button type="button" className="btn small" onClick={onOpen}>
          {m.go_to_message()}
        </button>
        {!read && <IconButton icon="check" label={m.inbox_read()} onClick={onRead} />}
      </div>
    </li>
  );
}
