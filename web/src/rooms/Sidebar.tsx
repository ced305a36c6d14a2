import { useMemo } from "react";
import { useMe, useSync } from "../app/context";
import { openLayer } from "../app/layers";
import { paths, useRoute } from "../kit/router";
import { unreadCount } from "../kit/format";
import { useNarrow } from "../kit/useNarrow";
import { m } from "../paraglide/messages.js";
import { ProfileButton } from "../people/ProfileButton";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { Link } from "../ui/Link";
import { RoomLink } from "./RoomLink";
import { byActivity, byName } from "./names";
import { useEngine } from "../app/context";
import { Failed } from "../ui/States";

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
  const rooms = useSync((state) => state.rooms);
  const status = useSync((state) => state.roomsStatus);
  const problem = useSync((state) => state.roomsProblem);
  const route = useRoute();
  const current = route.page === "room" ? route.room : undefined;
  const { shared, direct } = useMemo(() => {
    const all = Object.values(rooms);
    return {
      shared: all.filter(({ kind }) => kind !== "direct").toSorted(byName),
      direct: all.filter(({ kind }) => kind === "direct").toSorted(byActivity),
    };
  }, [rooms]);
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
    <nav className="nav" aria-label={m.rooms()}>
      <ForMe />
      <header>
        <h2 id="rooms-heading">{m.rooms()}</h2>
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
      </header>
      {status === "loading" && <LoadingList />}
      <ul aria-labelledby="rooms-heading">
        {shared.map((room) => (
          <RoomLink key={room.id} room={room} current={room.id === current} />
        ))}
      </ul>
      {status === "ready" && shared.length === 0 && <p className="nav-empty">{m.no_rooms()}</p>}
      <header>
        <h2 id="direct-heading">{m.direct_messages()}</h2>
        <IconButton
          icon="plus"
          label={m.new_direct()}
          onClick={() => openLayer({ kind: "direct" })}
        />
      </header>
      <ul aria-labelledby="direct-heading">
        {direct.map((room) => (
          <RoomLink key={room.id} room={room} current={room.id === current} />
        ))}
      </ul>
      {status === "ready" && direct.length === 0 && <p className="nav-empty">{m.no_direct()}</p>}
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
    </ul>
  );
}

function LoadingList() {
  return (
    <div className="skeletons" role="status">
      <span className="vh">{m.loading()}</span>
      {["70%", "52%", "64%", "40%"].map((width) => (
        <div key={width} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}
