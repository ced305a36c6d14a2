import { createContext, Fragment, type ReactNode, useContext } from "react";
import { useMe, useSync } from "../app/context";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Link } from "../ui/Link";
import { usePersonById, usePersonByName } from "./known";
import { type Mention, stretches } from "./parse";

const ROOM = /(?<![\p{L}\p{N}_/&])#([\p{L}\p{N}_][\p{L}\p{N}_.-]*[\p{L}\p{N}_]|[\p{L}\p{N}_])/gu;

/** Whether the text calls everybody, which not everybody may. */
export const CallsEveryone = createContext(false);

/** Running text, in which people and rooms can be called by name. */
export function Words({ text }: { text: string }) {
  return stretches(text).map((one, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- words never move
    <Fragment key={at}>
      {typeof one === "string" ? (
        withRooms(one)
      ) : (
        <Call mention={one.mention} written={one.written} />
      )}
    </Fragment>
  ));
}

interface Props {
  mention: Mention;
  written: string;
}

function Call({ mention, written }: Props) {
  const everyone = useContext(CallsEveryone);
  if ("person" in mention) return <CallById id={mention.person} />;
  if ("name" in mention) return <CallByName name={mention.name} written={written} />;
  return everyone ? <span className="mention you">{written}</span> : written;
}

/** Rose is for me alone; everybody else is teal. */
function CallById({ id }: { id: string }) {
  const me = useMe();
  const known = usePersonById(id);
  const person = id === me.id ? me : known;
  return (
    <span
      className={id === me.id ? "mention you" : "mention"}
      title={person && `@${person.username}`}
    >
      @{person?.display_name ?? m.somebody()}
    </span>
  );
}

function CallByName({ name, written }: { name: string; written: string }) {
  const me = useMe();
  const known = usePersonByName(name);
  const mine = me.username.toLowerCase() === name.toLowerCase();
  const person = mine ? me : known;
  if (!person) return written;
  return (
    <span className={mine ? "mention you" : "mention"} title={person.display_name}>
      {written}
    </span>
  );
}

function withRooms(text: string): ReactNode {
  if (!text.includes("#")) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(ROOM)) {
    parts.push(text.slice(at, match.index));
    parts.push(<RoomName key={match.index} name={match[1] ?? ""} written={match[0]} />);
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** A room of mine by its name leads there; any other word with a hash is a word. */
function RoomName({ name, written }: { name: string; written: string }) {
  const room = useSync(
    ({ rooms }) =>
      Object.values(rooms).find(
        (one) => one.kind !== "direct" && one.name.toLowerCase() === name.toLowerCase(),
      )?.id,
  );
  if (!room) return written;
  return (
    <Link className="mention" href={paths.room(room)}>
      {written}
    </Link>
  );
}
