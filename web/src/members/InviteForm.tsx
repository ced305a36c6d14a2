import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import { announce } from "../kit/announcer";
import { m } from "../paraglide/messages.js";
import { PeoplePicker } from "../people/PeoplePicker";
import { describe } from "../ui/States";

/** Brings a person in by user name; a name that nobody has yet becomes a pending invitation. */
export function InviteForm({ room }: { room: string }) {
  const queries = useQueryClient();
  const [username, setUsername] = useState("");
  const [done, setDone] = useState("");
  const invite = useMutation({
    mutationFn: (name: string) => api.invite(room, name),
    onSuccess: (invited) => {
      const words =
        invited.status === "joined"
          ? m.invited_joined({ name: invited.member.person.display_name })
          : m.invited_pending({ name: invited.invitation.username ?? "" });
      setDone(words);
      announce(words);
      setUsername("");
      void queries.invalidateQueries({ queryKey: ["members", room] });
      void queries.invalidateQueries({ queryKey: ["invitations", room] });
    },
  });
  const wanted = username.trim().replace(/^@/, "");
  return (
    <form
      className="invite"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted) invite.mutate(wanted);
      }}
    >
      <div className="line">
        <div>
          <PeoplePicker
            label={m.invite_by_name()}
            value={username}
            onChange={(name) => {
              setUsername(name);
              if (name) setDone("");
            }}
          />
        </div>
        <button type="submit" className="btn primary" disabled={!wanted || invite.isPending}>
          {m.invite()}
        </button>
      </div>
      {invite.isError && (
        <p className="fault" role="alert">
          {describe(asProblem(invite.error))}
        </p>
      )}
      {done && !invite.isError && <p className="done">{done}</p>}
    </form>
  );
}
