/** One message at a time can have the focus; the arrows move it, even past what is mounted. */
import type { KeyboardEvent } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Row } from "./rows";

const PAGE_ROWS = 8;
const FRAMES_MAX = 60;

export function useRoving(
  rows: readonly Row[],
  /** Brings the row with this key in sight. */
  show: (key: string) => void,
  onKey: (row: Row, key: string) => boolean,
  /** Escape: back to where one writes. */
  onLeave: () => void,
) {
  const [activeKey, setActiveKey] = useState<string>();
  /** The element that is to get the focus, and what to show then. */
  const wanted = useRef<{ id: string; key: string | undefined }>(undefined);
  const found = rows.findIndex(({ key }) => key === activeKey);
  const active = found >= 0 ? found : rows.length - 1;

  /** By a key the row comes in sight, too. */
  const focusRow = useCallback(
    (row: Row | undefined, byKey = false) => {
      if (row?.kind !== "message") return;
      const id = `m-${row.message.id}`;
      // What is there already is not to be reached later, when somebody may be elsewhere.
      const isHere = document.activeElement?.id === id;
      wanted.current = isHere ? undefined : { id, key: byKey ? row.key : undefined };
      if (isHere && byKey) show(row.key);
      setActiveKey(row.key);
    },
    [show],
  );

  useEffect(() => {
    let frame = 0;
    let left = FRAMES_MAX;
    const reach = () => {
      if (!wanted.current) return;
      const { id, key } = wanted.current;
      const element = document.getElementById(id);
      element?.focus({ preventScroll: true });
      if (!element || document.activeElement !== element) {
        left -= 1; // The list mounts a row, and shows it, only once it is measured.
        if (left > 0) frame = requestAnimationFrame(reach);
        return;
      }
      wanted.current = undefined;
      if (key) show(key);
    };
    reach();
    return () => cancelAnimationFrame(frame);
  }, [active, activeKey, show]);

  const press = (event: KeyboardEvent) => {
    const onRow = event.target instanceof HTMLElement && event.target.id.startsWith("m-");
    if (!onRow || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = destination(event.key, active, rows.length);
    if (to !== undefined) {
      event.preventDefault();
      const row = rows[to];
      focusRow(row?.kind === "start" ? rows[to + 1] : row, true);
      return;
    }
    if (event.key === "Escape" && !event.shiftKey) {
      event.preventDefault();
      return onLeave();
    }
    const row = rows[active];
    if (row && onKey(row, event.key)) event.preventDefault();
  };
  return { active, press, focusRow, setActiveKey };
}

function destination(key: string, from: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case "ArrowUp":
      return Math.max(0, from - 1);
    case "ArrowDown":
      return Math.min(last, from + 1);
    case "PageUp":
      return Math.max(0, from - PAGE_ROWS);
    case "PageDown":
      return Math.min(last, from + PAGE_ROWS);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
