import { useEffect } from "react";
import { useRoom } from "../app/context";
import { pathOf } from "../messages/pathOf";
import { nameOf } from "../sync/room-list";
import { m } from "../paraglide/messages.js";
import { Link } from "../ui/Link";
import { Controls } from "./Player";
import { stop, usePlayer, useRows } from "./player";
import "./elsewhere.css";

/**
 * The player while its message is not on the screen, so that whatever is heard can be ended. It
 * ends by itself when one is in the message's room no more.
 */
export function Elsewhere() {
  const message = usePlayer((player) => player.message);
  const rows = useRows((shown) => shown.rows);
  const room = useRoom(message?.room ?? "");
  const left = message !== undefined && !room?.role;
  useEffect(() => {
    if (left) stop();
  }, [left]);
  if (!message || !room || rows > 0) return null;
  return (
    <section className="elsewhere" aria-label={m.speech_player()} data-region>
      <Link href={pathOf(message)}>
        <b>{message.sender.display_name}</b> {nameOf(room)}
      </Link>
      <Controls message={message} />
    </section>
  );
}
