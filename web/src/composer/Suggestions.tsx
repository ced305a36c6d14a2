import { useEffect } from "react";
import { announce } from "../kit/announcer";
import { m } from "../paraglide/messages.js";
import type { Query } from "./query";
import { optionId } from "./optionId";
import type { Suggestion } from "./useSuggestions";

interface Props {
  id: string;
  sign: Query["sign"];
  list: readonly Suggestion[];
  active: number;
  onChoose: (suggestion: Suggestion) => void;
}

/** What can be called, above the text area that keeps the focus. */
export default function Suggestions({ id, sign, list, active, onChoose }: Props) {
  const count = list.length;
  useEffect(() => announce(m.options_count({ count })), [count]);
  const title = { "@": m.people_here(), "#": m.rooms(), ":": m.emoji(), "/": m.commands() }[sign];
  return (
    <div className="suggestions-box">
      <div className="caption">
        <span>{title}</span>
        <span aria-hidden="true">
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Tab</kbd>
        </span>
      </div>
      <div id={id} role="listbox" aria-label={title}>
        {list.map((one, at) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the text area has them
          <div
            key={one.key}
            id={optionId(id, at)}
            role="option"
            aria-selected={at === active}
            className="option"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(one)}
          >
            {one.picture}
            <b>{one.label}</b>
            {one.note && <small>{one.note}</small>}
            {one.end && <span className="end">{one.end}</span>}
          </div>
        ))}
      </div>
    </div>
  );
}
