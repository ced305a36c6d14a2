import { useEffect } from "react";
import type { Message, SavedItem } from "../api/types";
import { Where } from "../inbox/InboxRow";
import { Markdown } from "../markdown/Markdown";
import { lineOfMessage } from "../mentions/line";
import { notePeople } from "../mentions/known";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { IconButton } from "../ui/IconButton";

/** The id of what names the row of a message. */
export const labelOf = ({ id }: Message) => `saved-${id}`;

interface Props {
  item: SavedItem;
  active: boolean;
  onOpen: () => void;
  onRemove: () => void;
}

/** A saved message: who said it, where, when and what. */
export function SavedRow({ item, active, onOpen, onRemove }: Props) {
  const { message, room_kind, room_name } = item;
  const label = labelOf(message);
  useEffect(() => notePeople([message.sender, ...(message.mentions ?? [])]), [message]);
  return (
    <li
      className="inbox-row"
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
        />
        {message.deleted || message.text == null ? (
          <p className="gone">{m.message_deleted()}</p>
        ) : (
          <Markdown id={label} text={message.text || lineOfMessage(message)} />
        )}
      </div>
      <div className="ends">
        <button type="button" className="btn small" onClick={onOpen}>
          {m.go_to_message()}
        </button>
        <IconButton icon="x" label={m.action_unsave()} onClick={onRemove} />
      </div>
    </li>
  );
}
