import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { asProblem } from "../api/problem";
import type { Room, RoomKind, RoomRole } from "../api/types";
import { closeLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { Field } from "../ui/Field";
import { Segmented } from "../ui/Segmented";
import { describe } from "../ui/States";
import { KindChoice } from "./KindChoice";

const NAME_MAX = 80;
const TOPIC_MAX = 250;

export interface RoomFields {
  name: string;
  topic: string;
  kind: RoomKind;
  /** The least role that may call everyone; only of a room that is there. */
  everyone_role?: RoomRole;
}

interface Props {
  initial: RoomFields;
  submitLabel: string;
  save: (fields: RoomFields) => Promise<Room>;
  onSaved: (room: Room) => void;
  children?: ReactNode;
}

/** Name, topic and kind of a room, new or not. */
export function RoomForm({ initial, submitLabel, save, onSaved, children }: Props) {
  const [fields, setFields] = useState(initial);
  const [tried, setTried] = useState(false);
  const mutation = useMutation({ mutationFn: save, onSuccess: onSaved });
  const name = fields.name.trim();
  const set = (change: Partial<RoomFields>) => setFields({ ...fields, ...change });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (name) mutation.mutate({ ...fields, name, topic: fields.topic.trim() });
      }}
    >
      <div className="body">
        <Field
          label={m.room_name()}
          value={fields.name}
          maxLength={NAME_MAX}
          autoComplete="off"
          autoFocus
          fault={tried && !name ? m.room_name_needed() : undefined}
          onChange={(event) => set({ name: event.target.value })}
        />
        <Field
          label={m.room_topic()}
          note={m.room_topic_note()}
          value={fields.topic}
          maxLength={TOPIC_MAX}
          autoComplete="off"
          onChange={(event) => set({ topic: event.target.value })}
        />
        <KindChoice value={fields.kind} onChange={(kind) => set({ kind })} />
        {fields.everyone_role && (
          <Segmented
            label={m.everyone_role()}
            value={fields.everyone_role}
            options={[
              { value: "owner", label: m.everyone_owners() },
              { value: "moderator", label: m.everyone_moderators() },
              { value: "member", label: m.everyone_members() },
            ]}
            onChange={(everyone_role) => set({ everyone_role })}
          />
        )}
        {mutation.isError && (
          <div className="field" role="alert">
            <span className="fault">{describe(asProblem(mutation.error))}</span>
            <span className="request-id">{asProblem(mutation.error).requestId}</span>
          </div>
        )}
        {children}
      </div>
      <footer>
        <button type="submit" className="btn primary" disabled={mutation.isPending}>
          {submitLabel}
        </button>
        <button type="button" className="btn" onClick={closeLayer}>
          {m.cancel()}
        </button>
      </footer>
    </form>
  );
}
