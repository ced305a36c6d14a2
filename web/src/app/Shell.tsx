import { type ComponentType, useEffect } from "react";
import { loadSuggestions } from "../composer/Composer";
import { settle } from "../kit/history";
import { useLocale } from "../kit/locale";
import { type Route, usePath, useRoute } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { RoomPage } from "../rooms/RoomPage";
import { Sidebar } from "../rooms/Sidebar";
import { Elsewhere } from "../speech/Elsewhere";
import { loadControls } from "../speech/Player";
import { nameOf } from "../sync/room-list";
import { Boundary } from "../ui/Boundary";
import { later } from "../ui/later";
import { PageLoading } from "../ui/States";
import { Announcer, Toasts } from "../ui/Toasts";
import { useEngine, useRoom, useSync } from "./context";
import { useGlobalKeys } from "./keys";
import { Layers, loadLayers } from "./Layers";
import { closeLayer, closePanel, isPanelOverlaid, useLayers } from "./layers";
import { Panel, panelLoaders } from "./Panel";
import { TabBar } from "./TabBar";
import "./shell.css";

/** Those of which the code comes when they are first shown; each is told what its address says. */
const pages = {
  home: later(() => import("../rooms/HomePage"), PageLoading),
  inbox: later(() => import("../inbox/InboxPage"), PageLoading),
  browse: later(() => import("../rooms/BrowsePage"), PageLoading),
  drafts: later(() => import("../drafts/DraftsPage"), PageLoading),
  saved: later(() => import("../saved/SavedPage"), PageLoading),
  people: later(() => import("../people/PeoplePage"), PageLoading),
  you: later(() => import("../people/YouPage"), PageLoading),
  invite: later(() => import("../members/InvitePage"), PageLoading),
  unknown: later(() => import("./UnknownPage"), PageLoading),
} satisfies {
  [P in Exclude<Route["page"], "room">]: ComponentType<Extract<Route, { page: P }>>;
};
const others = [
  ...panelLoaders,
  loadLayers,
  loadControls,
  loadSuggestions,
  ...Object.values(pages).map(({ load }) => load),
];
const IDLE_AFTER_MS = 1500;

/** Loads the code of the page at this address, if it is not with the rest. */
export function loadPage({ page }: Route) {
  if (page !== "room") pages[page].load().catch(() => undefined);
}

/** Rooms at the left, the page in the middle, members at the right. */
export function Shell() {
  const route = useRoute();
  const panelOpen = useLayers((state) => state.panel);
  const kind = useLayers((state) => state.layer?.kind);
  const roomId = route.page === "room" ? route.room : "";
  const room = useRoom(roomId);
  const thread = route.page === "room" && room?.role ? route.thread : undefined;
  const panel = thread ?? (panelOpen && room?.role !== undefined && room.kind !== "direct");
  useGlobalKeys(useEngine());
  useTitle(room ? nameOf(room) : undefined);
  useBadge();
  usePanelPerScreen();
  useLoadedWhenIdle();
  // What covered the page before it was reloaded is gone.
  useEffect(settle, []);
  return (
    <div className="app" data-page={route.page} data-panel={panel ? "" : undefined}>
      <a className="skip" href="#main" onClick={skipToMain}>
        {m.skip_to_content()}
      </a>
      <Sidebar />
      <main id="main" tabIndex={-1} data-region>
        <Boundary key={route.page}>
          <Page route={route} />
        </Boundary>
      </main>
      {panel && (
        <Panel
          room={roomId}
          thread={thread}
          message={route.page === "room" ? route.message : undefined}
        />
      )}
      <Elsewhere />
      <TabBar page={route.page} />
      <Toasts />
      <Announcer />
      <Boundary key={kind} onFailed={closeLayer}>
        <Layers />
      </Boundary>
    </div>
  );
}

function Page({ route }: { route: Route }) {
  if (route.page === "room")
    return (
      <RoomPage
        id={route.room}
        message={route.thread ? undefined : route.message}
        beside={route.thread !== undefined}
      />
    );
  // The list says that it is the page of this very route.
  const Late = pages[route.page] as ComponentType<Route>;
  return <Late key={route.page === "invite" ? route.token : undefined} {...route} />;
}

function skipToMain(event: React.MouseEvent) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** The unread number in the title, as the server counts it. */
function useTitle(page: string | undefined) {
  const locale = useLocale();
  const unread = useSync((state) =>
    Object.values(state.rooms).reduce((sum, room) => sum + room.unread, 0),
  );
  useEffect(() => {
    const count = unread > 0 ? `(${unread > 999 ? "999+" : unread}) ` : "";
    document.title = `${count}${page ? `${page} · ` : ""}Tertulia`;
  }, [unread, page, locale]);
}

/** What is for me, on the icons of the tab and of the installed app. */
function useBadge() {
  const forMe = useSync(({ forMe: { mentions }, rooms }) =>
    Object.values(rooms).reduce(
      (sum, room) => (room.kind === "direct" ? sum + room.unread : sum),
      mentions,
    ),
  );
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (icon) icon.href = forMe > 0 ? "/icon-called.svg" : "/icon.svg";
    const { setAppBadge } = navigator as { setAppBadge?: (count: number) => Promise<void> };
    // Only an installed app has one.
    setAppBadge?.call(navigator, forMe).catch(() => undefined);
  }, [forMe]);
}

/** Where the panel covers the room, it closes when another room is opened. */
function usePanelPerScreen() {
  const path = usePath();
  useEffect(() => {
    if (isPanelOverlaid()) closePanel();
  }, [path]);
}

/**
 * What opens on a click is here before the click, without delaying the first page. What cannot be
 * had now, because the network is away, is asked for again by the click.
 */
function useLoadedWhenIdle() {
  useEffect(() => {
    const timer = setTimeout(
      () => void Promise.allSettled(others.map((load) => load())),
      IDLE_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, []);
}
