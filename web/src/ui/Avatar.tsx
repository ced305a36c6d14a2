import { useState } from "react";
import { useSync } from "../app/context";
import type { Person } from "../api/types";
import type { SyncState } from "../sync/state";

/** A hue of one's own, the same on every device. */
function hueOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.charCodeAt(0)) % 3600;
  return Math.round(hash / 10);
}

function initials(name: string, count: number): string {
  const words = name.trim().split(/\s+/);
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : (words[0]?.[1] ?? "");
  return (count > 1 ? first + last : first).toUpperCase();
}

interface Props {
  person: Pick<Person, "id" | "display_name" | "picture">;
  size?: "small" | "large";
}

export function Avatar({ person, size }: Props) {
  return (
    <span
      className={size ? `avatar ${size}` : "avatar"}
      style={{ "--hue": hueOf(person.id) } as React.CSSProperties}
      aria-hidden="true"
    >
      {initials(person.display_name || "?", size === "small" ? 1 : 2)}
      <Picture person={person} />
    </span>
  );
}

/** My own, and what was told since the person was read, are newer than the person. */
function pictureOf({ me, pictures }: SyncState, { id, picture }: Props["person"]) {
  if (id === me.person.id) return me.person.picture;
  return id in pictures ? pictures[id] : picture;
}

/** Over the letters, which are there when it is not. */
function Picture({ person }: Pick<Props, "person">) {
  const place = useSync((state) => state.me.media_url);
  const picture = useSync((state) => pictureOf(state, person));
  const [missing, setMissing] = useState<string>();
  if (!picture || picture === missing) return null;
  return (
    <img
      src={`${place}/${picture}`}
      alt=""
      loading="lazy"
      onError={() => setMissing(picture)}
    />
  );
}
