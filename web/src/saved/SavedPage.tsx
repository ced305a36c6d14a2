import { useSync } from "../app/context";
import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { SavedMessages } from "./SavedMessages";
import "../messages/messages.css";
import "../inbox/inbox.css";

/** The messages that I keep for later. */
export default function SavedPage() {
  const offline = useSync((state) => state.connection === "offline");
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.saved_messages()}</h1>
        <span className="topic">{m.saved_about()}</span>
      </header>
      <div className="page-body">
        <div className="column saved">
          {offline && <p className="notice">{m.offline()}</p>}
          <SavedMessages />
        </div>
      </div>
    </>
  );
}
