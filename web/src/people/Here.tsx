import type { Person } from "../api/types";
import { useSync } from "../app/context";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { useWatched } from "./useWatched";

interface Props {
  person: Person;
  size?: "small";
}

/** Somebody's picture, and whether they are here. */
export function Here({ person, size }: Props) {
  const state = useSync(({ presence }) => presence[person.id]);
  return (
    <span className="peer" ref={useWatched(person.id)}>
      <Avatar person={person} size={size} />
      {state && state !== "off" && (
        <i className={`dot ${state}`}>
          <span className="vh">
            {state === "online" ? m.presence_online() : m.presence_away()}:{" "}
          </span>
        </i>
      )}
    </span>
  );
}
