import { useEffect, useRef } from "react";
import type { Room } from "../api/types";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { Icon } from "../ui/Icon";
import { coarse } from "./focus";
import "./composer.css";

/** Where messages would be written, in a direct room whose other person is blocked: why not. */
export function Closed({ id, room }: { id: string; room: Room }) {
  const line = useRef<HTMLDivElement>(null);
  // As the composer does, so that who moves by keys is in the same place.
  useEffect(() => {
    if (!coarse()) line.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div id={id} className="closed" tabIndex={-1} data-region ref={line}>
      <Icon name="lock" small />
      <p>{m.direct_closed({ name: nameOf(room) })}</p>
    </div>
  );
}
