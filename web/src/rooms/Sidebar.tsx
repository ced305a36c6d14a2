import { useEffect, useRef } from "react";
import { useEngine, useMe, useSync } from "../app/context";
import { openLayer } from "../app/layers";
import { DraftsLink } from "../drafts/DraftsLink";
import { paths, useRoute } from "../kit/router";
import { unreadCount } from "../kit/format";
import { useNarrow } from "../kit/useNarrow";
import { useMuted } from "../notices/useMuted";
import { m } from "../paraglide/messages.js";
import { ProfileButton } from "../people/ProfileButton";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { Link } from "../ui/Link";
import { Failed } from "../ui/States";
import { RoomPart, useShown } from "./RoomPart";
import { noteShown, useHolding } from "./shown";

/** The left side: where I am, where I can go, and who I am. */
export function Sidebar() {
  const me = useMe();
  const home = useRoute().page === "home";
  // On a phone the list is the page itself.
  const alone = useNarrow() && home;
  const Region = alone ? "main" : "aside";
  return (
    <Region className="side" aria-label={m.workspace()} data-region>
      {alone && <h1 className="vh">{m.home_title()}</h1>}
      <div className="workspace">
        <span className="logo">
          <Icon name="logo" />
        </span>
        <div>
          <b>Tertulia</b>
          <small>{location.host}</small>
        </div>
      </div>
      <button type="button" className="jump" onClick={() => openLayer({ kind: "switcher" })}>
        <Icon name="search" small />
        {m.go_to()}
        <kbd>Ctrl K</kbd>
      </button>
      <RoomNavigation />
      <ProfileButton person={me} />
    </Region>
  );
}

function RoomNavigation() {
  const engine = useEngine();
  const nav = useRef<HTMLElement>(null);
  const status = useSync((state) => state.roomsStatus);
  const problem = useSync((state) => state.roomsProblem);
  const muted = useMuted();
  const shared = useShown("shared", muted);
  const direct = useShown("direct", muted);
  useHolding(nav);
  useEffect(() => noteShown([...shared.ids, ...direct.ids]), [shared.ids, direct.ids]);
  if (status === "failed") {
    return (
      <nav className="nav" aria-label={m.rooms()}>
        <Failed
          title={m.rooms_failed()}
          problem={problem}
          onRetry={() => void engine.refreshRooms()}
        />
      </nav>
    );
  }
  return (
    <nav className="nav" aria-label={m.rooms()} ref={nav}>
      <ForMe />
      <RoomPart title={m.rooms()} muted={muted} shown={shared} none={m.no_rooms()}>
        <Link
          className="icon-btn"
          href={paths.browse}
          aria-label={m.browse_rooms()}
          title={m.browse_rooms()}
        >
          <Icon name="compass" small />
        </Link>
        <IconButton
          icon="plus"
          label={m.create_room()}
          onClick={() => openLayer({ kind: "create-room" })}
        />
      </RoomPart>
      <RoomPart title={m.direct_messages()} muted={muted} shown={direct} none={m.no_direct()}>
        <Link
          className="icon-btn"
          href={paths.people}
          aria-label={m.people()}
          title={m.people()}
        >
          <Icon name="users" small />
        </Link>
        <IconButton
          icon="plus"
          label={m.new_direct()}
          onClick={() => openLayer({ kind: "direct" })}
        />
      </RoomPart>
    </nav>
  );
}

/** What waits for me, wherever it was said. */
function ForMe() {
  const { mentions, threads } = useSync((state) => state.forMe);
  const route = useRoute();
  const tab = route.page === "inbox" ? route.tab : undefined;
  return (
    <ul aria-label={m.for_you()}>
      <li>
        <Link
          href={paths.inbox}
          className={mentions > 0 ? "nav-link unread" : "nav-link"}
          aria-current={tab && tab !== "threads" ? "page" : undefined}
        >
          <Icon name="inbox" />
          <span className="name">{m.inbox()}</span>
          {mentions > 0 && (
            <span className="end">
              <span className="badge num">
                {unreadCount(mentions)}
                <span className="vh"> {m.unread()}</span>
              </span>
            </span>
          )}
        </Link>
      </li>
      <li>
        <Link
          href={paths.threads}
          className={threads > 0 ? "nav-link unread" : "nav-link"}
          aria-current={tab === "threads" ? "page" : undefined}
        >
          <Icon name="thread" />
          <span className="name">{m.threads()}</span>
          {threads > 0 && (
            <span className="end">
              <span className="count num">
                {unreadCount(threads)}
                <span className="vh"> {m.unread()}</span>
              </span>
            </span>
          )}
        </Link>
      </li>
      <li>
        <DraftsLink />
      </li>
      <li>
        <Link
          href={paths.saved}
          className="nav-link"
          aria-current={route.page === "saved" ? "page" : undefined}
        >
          <Icon name="bookmark" />
          <span className="name">{m.saved_messages()}</span>
        </Link>
      </li>
    </ul>
  );
}
