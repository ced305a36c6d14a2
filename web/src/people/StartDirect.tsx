import { useState } from "react";
import { asProblem } from "../api/problem";
import { useMe } from "../app/context";
import { closeLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";
import { describe } from "../ui/States";
import { PeoplePicker } from "./PeoplePicker";
import { useStartDirect } from "./useStartDirect";

export default function StartDirect() {
  const me = useMe();
  const [username, setUsername] = useState("");
  const start = useStartDirect();
  const problem = start.isError ? asProblem(start.error) : undefined;
  const wanted = username.trim().replace(/^@/, "");
  return (
    <Dialog title={m.new_direct()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted) start.mutate(wanted);
        }}
      >
        <div className="body">
          <PeoplePicker
            label={m.username()}
            note={m.new_direct_note()}
            autoFocus
            without={new Set([me.id])}
            value={username}
            onChange={setUsername}
            onPick={(person) => start.mutate(person.username)}
          />
          {problem && (
            <div className="field" role="alert">
              <span className="fault">
                {problem.status === 404 ? m.nobody_called({ name: wanted }) : describe(problem)}
              </span>
            </div>
          )}
        </div>
        <footer>
          <button type="submit" className="btn primary" disabled={!wanted || start.isPending}>
            {m.start_talking()}
          </button>
          <button type="button" className="btn" onClick={closeLayer}>
            {m.cancel()}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
