import { usePreference } from "../kit/preferences";
import { m } from "../paraglide/messages.js";

interface Props {
  /** What the list has besides, and what it does. */
  letter?: readonly [string, string];
}

/** Which keys there are in a list; letters only for whom they act. */
export function KeysLine({ letter }: Props) {
  const letters = usePreference("letters") === "on";
  const [next, previous] = letters ? ["J", "K"] : ["↓", "↑"];
  return (
    <>
      <kbd>{next}</kbd> <kbd>{previous}</kbd> {m.key_move()} <kbd>Enter</kbd> {m.key_open()}
      {letter && letters && (
        <>
          {" "}
          <kbd>{letter[0]}</kbd> {letter[1]}
        </>
      )}
    </>
  );
}
