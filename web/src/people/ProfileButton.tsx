import { useRef, useState } from "react";
import { useSync } from "../app/context";
import type { Person } from "../api/types";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { Boundary } from "../ui/Boundary";
import { Icon } from "../ui/Icon";
import { later } from "../ui/later";

const ProfilePopover = later(() => import("./ProfilePopover"));

/** Me, at the foot of the list; opens my preferences. */
export function ProfileButton({ person }: { person: Person }) {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  const connection = useSync((state) => state.connection);
  const state = {
    live: m.connected(),
    connecting: m.connecting(),
    reconnecting: m.connecting(),
    offline: m.disconnected(),
  }[connection];
  return (
    <>
      <button
        type="button"
        ref={trigger}
        className="me"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <Avatar person={person} />
        <span className="about">
          <b>{person.display_name}</b>
          <small>
            <i className={`presence ${connection}`} aria-hidden="true" />
            {state}
          </small>
        </span>
        <Icon name="gear" />
        <span className="vh">{m.profile()}</span>
      </button>
      {open && (
        <Boundary onFailed={close}>
          <ProfilePopover trigger={trigger} onClose={close} />
        </Boundary>
      )}
    </>
  );
}
