import { useEngine, useSync } from "../app/context";
import { openLayer } from "../app/layers";
import type { Message } from "../api/types";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { tellProblem } from "../ui/failure";

/**
 * How people answered without words; mine are pressed. Where nobody writes any more, they can be
 * taken back, and nothing is added.
 */
export function Reactions({ message }: { message: Message }) {
  const engine = useEngine();
  const closed = useSync(({ rooms }) => rooms[message.room]?.closed);
  const { reactions = [] } = message;
  if (reactions.length === 0) return null;
  const react = (emoji: string, on: boolean) =>
    void engine.react(message, emoji, on).catch(tellProblem);
  return (
    <div className="reactions" role="group" aria-label={m.reactions()}>
      {reactions.map(({ emoji, count, mine }) => (
        <button
          key={emoji}
          type="button"
          className="reaction"
          aria-pressed={mine}
          aria-disabled={(closed && !mine) || undefined}
          aria-label={m.reaction_count({ emoji, count })}
          onClick={() => (mine || !closed) && react(emoji, !mine)}
        >
          <span className="emoji">{emoji}</span>
          <span className="num">{count}</span>
        </button>
      ))}
      {!closed && (
        <button
          type="button"
          className="reaction add"
          aria-label={m.action_react()}
          title={m.action_react()}
          onClick={(event) =>
            openLayer({
              kind: "emoji",
              anchor: event.currentTarget,
              onPick: (emoji) => react(emoji, true),
            })
          }
        >
          <Icon name="smile" small />
        </button>
      )}
    </div>
  );
}
