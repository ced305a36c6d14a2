import type { KeyboardEvent } from "react";
import { Icon } from "./Icon";
import "./search-field.css";

/** So much of a name is looked for at most; the server takes no more of a room's. */
const LETTERS_MAX = 80;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** Looks for names in the list below it while one writes. */
export const SearchField = ({ label, value, onChange, onKeyDown }: Props) => (
  <div className="search">
    <Icon name="search" small />
    <input
      type="search"
      className="input"
      aria-label={label}
      placeholder={label}
      maxLength={LETTERS_MAX}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  </div>
);
