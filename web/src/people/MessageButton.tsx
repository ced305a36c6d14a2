import type { Person } from "../api/types";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { tellProblem } from "../ui/failure";
import { nameOf } from "./nameOf";
import { useStartDirect } from "./useStartDirect";

/** To the direct room with somebody; it is made when there is none. */
export function MessageButton({ person }: { person: Person }) {
  const start = useStartDirect();
  return (
    <button
      type="button"
      className="btn small"
      aria-label={m.write_to({ name: nameOf(person) })}
      disabled={start.isPending}
      onClick={() => start.mutate(person.username, { onError: tellProblem })}
    >
      <Icon name="message" small />
      <span className="word">{m.write()}</span>
    </button>
  );
}
