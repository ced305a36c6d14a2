import type { Message, SavedItem } from "../api/types";
import { ListedMessage } from "../inbox/InboxRow";
import { lineOfMessage } from "../mentions/line";
import { m } from "../paraglide/messages.js";
import { IconButton } from "../ui/IconButton";

/** The id of what names the row of a message. */
export const labelOf = ({ id }: Message) => `saved-${id}`;

interface Props {
  item: SavedItem;
  active: boolean;
  onOpen: () => void;
  onRemove: () => void;
}

/** A saved message. */
export function SavedRow({ item, active, onOpen, onRemove }: Props) {
  return (
    <ListedMessage
      id={labelOf(item.message)}
      item={item}
      active={active}
      bare={lineOfMessage(item.message)}
      onOpen={onOpen}
    >
      <IconButton icon="x" label={m.action_unsave()} onClick={onRemove} />
    </ListedMessage>
  );
}
