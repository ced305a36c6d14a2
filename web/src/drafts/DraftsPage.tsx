import { useSync } from "../app/context";
import { useEveryDraft } from "../composer/drafts";
import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { Empty } from "../ui/States";
import { begun } from "./begun";
import { DraftRow } from "./DraftRow";
import { UnsentRow } from "./UnsentRow";
import "../inbox/inbox.css";
import "./drafts.css";

/** What I began to write anywhere, and what is on its way or was not accepted. */
export default function DraftsPage() {
  const unsent = useSync((state) => state.unsent);
  const drafts = begun(useEveryDraft());
  const nothing = drafts.length === 0 && unsent.length === 0;
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.drafts()}</h1>
        <span className="topic">{m.drafts_about()}</span>
      </header>
      <div className="page-body">
        <div className="column drafts">
          {nothing && (
            <Empty icon="pen" title={m.drafts_none_title()}>
              <p>{m.drafts_none()}</p>
            </Empty>
          )}
          {unsent.length > 0 && (
            <section>
              <h2 id="unsent-heading">{m.drafts_unsent()}</h2>
              <ul className="card" aria-labelledby="unsent-heading">
                {unsent.map((item) => (
                  <UnsentRow key={item.id} item={item} />
                ))}
              </ul>
            </section>
          )}
          {drafts.length > 0 && (
            <section>
              <h2 id="drafts-heading">{m.drafts_begun()}</h2>
              <ul className="card" aria-labelledby="drafts-heading">
                {drafts.map((draft) => (
                  <DraftRow key={draft.key} draft={draft} />
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
    </>
  );
}
