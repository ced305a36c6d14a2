/** The keys that work everywhere. */
import { useEffect } from "react";
import { navigate, parseRoute, paths } from "../kit/router";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { holdForStep, shownRooms } from "../rooms/shown";
import type { Engine } from "../sync/engine";
import { openLayer, useLayers } from "./layers";

function step(engine: Engine, by: 1 | -1, onlyUnread: boolean) {
  holdForStep();
  const rooms = shownRooms().flatMap((id) => engine.rooms.get(id) ?? []);
  const route = parseRoute(location.pathname);
  const found = route.page === "room" ? rooms.findIndex(({ id }) => id === route.room) : -1;
  // From elsewhere down to the first of them, and up to the last.
  const at = found < 0 && by < 0 ? 0 : found;
  for (let away = 1; away <= rooms.length; away += 1) {
    const room = rooms[(at + by * away + rooms.length * 2) % rooms.length];
    if (room && (!onlyUnread || room.unread > 0)) return navigate(paths.room(room.id));
  }
}

/** Shift Esc. */
const readEverything = (engine: Engine) =>
  import("../rooms/readEverything")
    .then((sweep) => sweep.readEverything(engine))
    .catch(() => toast(m.page_failed()));

/** F6: from one region of the page to the next. */
function nextRegion(back: boolean) {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.getClientRects().length > 0 && !region.querySelector("[data-region]"),
  );
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + (back ? -1 : 1) + regions.length) % regions.length];
  const first = (wanted: string) => next?.querySelector<HTMLElement>(wanted);
  const inside = first("[tabindex='0']") ?? first("textarea, a[href], button:not([disabled])");
  (inside ?? next)?.focus();
}

export function useGlobalKeys(engine: Engine) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const open = useLayers.getState().layer !== undefined;
      if (command && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openLayer({ kind: "switcher" });
      } else if (
        (event.ctrlKey || event.metaKey) &&
        (event.key === "/" || event.code === "Slash")
      ) {
        event.preventDefault();
        openLayer({ kind: "help" });
      } else if (event.altKey && /^Arrow(Up|Down)$/.test(event.key) && !open) {
        event.preventDefault();
        step(engine, event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
      } else if (event.key === "Escape" && event.shiftKey && !open) {
        event.preventDefault();
        void readEverything(engine);
      } else if (
        (event.ctrlKey || event.metaKey) &&
        event.shiftKey &&
        event.key.toLowerCase() === "m"
      ) {
        event.preventDefault();
        navigate(paths.inbox);
      } else if (event.key === "F6" && !open) {
        event.preventDefault();
        nextRegion(event.shiftKey);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [engine]);
}
