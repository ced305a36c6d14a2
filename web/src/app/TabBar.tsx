import { useSync } from "./context";
import { unreadCount } from "../kit/format";
import { openLayer } from "./layers";
import { type Route, paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";

/** The main places on a phone. Hidden inside a room, where the composer is. */
export function TabBar({ page }: { page: Route["page"] }) {
  const waiting = useSync(
    (state) => Object.values(state.rooms).filter(({ unread }) => unread > 0).length,
  );
  const { mentions } = useSync((state) => state.forMe);
  const current = (name: Route["page"]) => (page === name ? "page" : undefined);
  return (
    <nav className="tabbar" aria-label={m.sections()}>
      <Link href={paths.home} aria-current={current("home")}>
        <Icon name="message" />
        {m.rooms()}
        {waiting > 0 && (
          <span className="badge quiet num">
            {waiting}
            <span className="vh"> {m.unread()}</span>
          </span>
        )}
      </Link>
      <Link href={paths.inbox} aria-current={current("inbox")}>
        <Icon name="inbox" />
        {m.inbox()}
        {mentions > 0 && (
          <span className="badge num">
            {unreadCount(mentions)}
            <span className="vh"> {m.unread()}</span>
          </span>
        )}
      </Link>
      <button type="button" onClick={() => openLayer({ kind: "switcher" })}>
        <Icon name="search" />
        {m.tab_search()}
      </button>
      <Link href={paths.you} aria-current={current("you")}>
        <Icon name="user" />
        {m.tab_you()}
      </Link>
    </nav>
  );
}
