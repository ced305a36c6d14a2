import { useSync } from "../app/context";
import { names } from "../kit/format";
import { m } from "../paraglide/messages.js";

const SHOWN_MAX = 3;
const nobody: never[] = [];

/** Who is writing in this room now. */
export function TypingLine({ room }: { room: string }) {
  const typing = useSync((state) => state.typing[room] ?? nobody);
  const people = typing.slice(0, SHOWN_MAX).map(({ person }) => person.display_name);
  return (
    <div className="typing">
      {people.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {people.length === 1
            ? m.typing_one({ name: people[0] ?? "" })
            : m.typing_many({ names: names(people) })}
        </>
      )}
    </div>
  );
}
