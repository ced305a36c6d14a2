import { useId } from "react";
import type { RoomKind } from "../api/types";
import { m } from "../paraglide/messages.js";
import { kindWords, glyphOf } from "./names";
import { Icon } from "../ui/Icon";

interface Props {
  value: RoomKind;
  onChange: (kind: RoomKind) => void;
}

const kinds: readonly RoomKind[] = ["public", "private"];

/** Public or private, explained in words. */
export function KindChoice({ value, onChange }: Props) {
  const name = useId();
  return (
    <fieldset className="kinds">
      <legend>{m.room_kind()}</legend>
      {kinds.map((kind) => (
        <label key={kind}>
          <input
            type="radio"
            name={name}
            value={kind}
            checked={kind === value}
            onChange={() => onChange(kind)}
          />
          <Icon name={glyphOf(kind)} />
          <b>{kind === "public" ? m.kind_public() : m.kind_private()}</b>
          <small>{kindWords(kind)}</small>
        </label>
      ))}
    </fieldset>
  );
}
