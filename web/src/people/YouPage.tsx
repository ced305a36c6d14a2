import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { ProfileCard } from "./ProfileCard";
import "../ui/listbox.css";

/** My preferences as a page, for phones. */
export function YouPage() {
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.profile()}</h1>
      </header>
      <div className="page-body">
        <div className="column narrow card">
          <ProfileCard />
        </div>
      </div>
    </>
  );
}
