import type { Message } from "../api/types";
import { shortTime } from "../kit/format";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";

/** How many replies a message has; opens them. */
export function ThreadButton({ message }: { message: Message }) {
  const { replies } = message;
  if (!replies || replies.count === 0) return null;
  return (
    <Link className="thread-button" href={paths.thread(message.room, message.id)}>
      <Icon name="thread" small />
      {m.replies_count({ count: replies.count })}
      <span className="last">{m.last_reply({ time: shortTime(replies.last_at) })}</span>
    </Link>
  );
}
