import { usePreference } from "../kit/preferences";
import { m } from "../paraglide/messages.js";

/** Which keys there are in a list; letters only for whom they act. */
export function KeysLine({ read = false }: { read?: boolean }) {
  const letters = usePreference("letters") === "on";
  const [next, previous] = letters ? ["J", "K"] : ["↓", "↑"];
  return (
    <>
      <kbd>{next}</kbd> <kbd>{previous}</kbd> {m.key_move()} <kbd>Enter</kbd> {m.key_open()}
      {read && letters && (
        <>
          {" "}
          <kbd>E</kbd> {m.inbox_read()}
        </>
      )}
    </>
  );
}
