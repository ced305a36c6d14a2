import { type ReactNode, useRef, useState } from "react";
import { useEngine } from "../app/context";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { commandNames, isKnown, readCommand, unescaped } from "./commands";
import { draftOf, flushDrafts, saveDraft } from "./drafts";

interface Place {
  room: string;
  draft: string;
  text: string;
}

interface Fault {
  readonly text: string;
  readonly words: string;
}

/** Runs what a text asks for instead of sending it, and says before what will happen. */
export function useCommand({ room, draft, text }: Place) {
  const engine = useEngine();
  const [fault, setFault] = useState<Fault>();
  const running = useRef(false);
  const command = readCommand(text);

  /** Whether the text was a command. It stays where it is until that is done. */
  const take = (): boolean => {
    if (!command) return false;
    const { name, words } = command;
    if (!isKnown(name)) setFault({ text, words: m.command_unknown({ name }) });
    else if (!running.current) {
      running.current = true;
      void import("./runCommand")
        .then(({ runCommand }) => runCommand(name, { engine, room, words }))
        .then((wrong) => {
          if (wrong) return setFault({ text, words: wrong });
          if (draftOf(draft) === text) saveDraft(draft, "");
          flushDrafts();
        })
        .catch(tellProblem)
        .finally(() => (running.current = false));
    }
    return true;
  };
  const wrong = fault?.text === text ? fault.words : undefined;
  return { take, line: <Line words={wrong ?? wordsOf(text)} bad={wrong !== undefined} /> };
}

function wordsOf(text: string): string | undefined {
  const command = readCommand(text);
  if (!command) {
    const shown = unescaped(text.trim());
    if (shown === text.trim()) return undefined;
    return m.command_escaped({ text: shown.split(/\s/)[0] ?? "" });
  }
  const { name } = command;
  const begun = !/\s/.test(text) && commandNames.some((known) => known.startsWith(name));
  if (isKnown(name)) return m.command_known({ name });
  return begun ? undefined : m.command_unknown({ name });
}

function Line({ words, bad }: { words: string | undefined; bad: boolean }): ReactNode {
  return (
    <p className={bad ? "command-line bad" : "command-line"} role="status">
      {words}
    </p>
  );
}
