import { useSync } from "../app/context";
import type { SyncState } from "../sync/state";
import { useEveryDraft } from "../composer/drafts";
import { draftKey, placeOf } from "../composer/sync-drafts";
import { paths, useRoute } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";

/** What is on its way to a server that is there is as good as sent. */
const notSent = ({ unsent, connection }: SyncState) =>
  connection === "live"
    ? unsent.filter(({ state }) => state === "unknown" || state === "rejected").length
    : unsent.length;

/** The way to what I did not send, and how much that is. What is being written does not count. */
export function DraftsLink() {
  const route = useRoute();
  const drafts = useEveryDraft();
  const unsent = useSync(notSent);
  const rejected = useSync((all) => all.unsent.some(({ state }) => state === "rejected"));
  const here =
    route.page === "room" ? [draftKey(route.room), draftKey(route.room, route.thread)] : [];
  const begun = Object.keys(drafts).filter((key) => placeOf(key) && !here.includes(key));
  const count = begun.length + unsent;
  return (
    <Link
      href={paths.drafts}
      className={rejected ? "nav-link unread" : "nav-link"}
      aria-current={route.page === "drafts" ? "page" : undefined}
    >
      <Icon name="pen" />
      <span className="name">{m.drafts()}</span>
      {count > 0 && (
        <span className="end">
          {rejected && (
            <span className="draft" title={m.drafts_rejected()}>
              <Icon name="warn" small />
              <span className="vh">{m.drafts_rejected()}</span>
            </span>
          )}
          <span className="count num">{count}</span>
        </span>
      )}
    </Link>
  );
}
