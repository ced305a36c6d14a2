/**
 * The scroll position of a timeline: following the end, loading more, saying what was read.
 *
 * It follows only when at the end (within 2 px) and never moves what somebody reads.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { useEngine } from "../app/context";
import { dayOf } from "../kit/format";
import type { RoomView } from "../sync/state";
import type { Row } from "./rows";
import { useAim } from "./useAim";
import { useLate } from "./useLate";
import { useReading } from "./useReading";

const AT_END_PX = 2;
const NEAR_EDGE_SCREENS = 2;
/** From the first turn of a wheel to its first scroll event; until then the end is left already. */
const LEAVING_MS = 300;
/** More than there can be below the last row: the list stops at its end. */
const BELOW_LAST_PX = 1000;
/** So far a line that names the day is still readable at the upper edge. */
const DAY_LINE_PX = 16;

interface Source {
  room: string;
  view: RoomView;
  rows: readonly Row[];
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  /** This rendering adds or removes rows above what is on the screen. */
  shift: boolean;
}

export function useViewport({ room, view, rows, scroller, list, shift }: Source) {
  const engine = useEngine();
  const [atEnd, setAtEnd] = useState(true);
  const [day, setDay] = useState<string>();
  const following = useRef(true);
  const lastOffset = useRef(0);
  const latest = useRef({ rows, view });
  latest.current = { rows, view };
  const visited = useRef(false);
  const go = useRef<() => void>(undefined);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  // While a place is being found, nothing is added above it.
  const aiming = useRef<unknown>(undefined);
  const { aim, keep, end: endAim, byHand } = useAim(scroller, aiming);
  const awaited = view.older === "loading";
  const late = useLate({ scroller, following, aiming, shift, awaited });
  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  const loadMore = useCallback(() => {
    const element = scroller.current;
    const session = engine.session(room);
    const now = latest.current.view;
    if (!element || !session || now.status !== "ready" || aiming.current) return;
    const near = element.clientHeight * NEAR_EDGE_SCREENS;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (!visited.current || now.older === "loading" || now.newer === "loading") return;
    if (element.scrollTop < near && now.window.hasOlder && now.older === "idle")
      void session.loadOlder();
    else if (below < near && now.window.hasNewer && now.newer === "idle" && !late.shifted.current)
      void session.loadNewer();
  }, [engine, room, scroller, late]);

  const markRead = useReading(
    () => lastSeenSeq(list.current, scroller.current, latest.current.rows),
    (seq) => void engine.reading.markRead(room, seq),
  );

  const measure = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const end = scrollHeight - scrollTop - clientHeight <= AT_END_PX;
    if (end && !leaving.current) following.current = true;
    else if (scrollTop < lastOffset.current) following.current = false;
    lastOffset.current = scrollTop;
    setAtEnd(end || following.current);
    const above = dayAbove(list.current, latest.current.rows);
    // Another moment of the same day shows the same, and the list need not be drawn for it.
    setDay((known) => (isSameDay(known, above) ? known : above));
    const session = engine.session(room);
    if (session) {
      session.following = following.current && !latest.current.view.window.hasNewer;
      session.anchor = firstSeen(list.current, latest.current.rows);
    }
    engine.attentive = end && document.hasFocus();
    late.look();
    markRead();
    loadMore();
  }, [engine, room, list, scroller, late, markRead, loadMore]);

  useLayoutEffect(() => {
    if (following.current && !view.window.hasNewer) toEnd();
    loadMore();
    markRead();
  }, [rows, view.window.hasNewer, toEnd, loadMore, markRead]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => following.current && toEnd());
    observer.observe(element);
    return () => {
      observer.disconnect();
      endAim();
      clearTimeout(leaving.current);
    };
  }, [scroller, toEnd, endAim]);
  useAttention(room, following);

  return {
    atEnd,
    /** A moment of the day whose line is above the screen. */
    day,
    measure,
    late,
    /** No more is scrolled. */
    rest: () => {
      late.shifted.current = false;
      measure();
    },
    /** Rows were measured or the screen changed. */
    settle: useCallback(() => {
      if (following.current) toEnd();
      measure();
    }, [toEnd, measure]),
    follow: useCallback(() => {
      visited.current = true;
      following.current = true;
      if (go.current) callBack(list.current, latest.current.rows);
      endAim();
      toEnd();
    }, [list, toEnd, endAim]),
    hold: useCallback(() => {
      following.current = false;
      go.current = undefined;
      endAim();
      clearTimeout(leaving.current);
      leaving.current = setTimeout(() => {
        leaving.current = undefined;
        measure();
      }, LEAVING_MS);
    }, [measure, endAim]),
    byHand,
    /** Brings a row in sight, by no more than that takes. */
    show: useCallback(
      (key: string) => keep(() => bring(list.current, latest.current.rows, key)),
      [keep, list],
    ),
    /** Goes away from the end, and again while rows are still being measured. */
    aim: useCallback(
      (move: () => void) => {
        visited.current = true;
        following.current = false;
        go.current = move;
        aim(() => go.current?.(), measure);
      },
      [aim, measure],
    ),
  };
}

/** The list may still be on its way to where it was sent, and would leave the end for it. */
function callBack(list: VirtualizerHandle | null, rows: readonly Row[]) {
  list?.scrollToIndex(rows.length - 1, { align: "end", offset: BELOW_LAST_PX });
}

function bring(list: VirtualizerHandle | null, rows: readonly Row[], key: string) {
  const at = rows.findIndex((row) => row.key === key);
  if (at >= 0) list?.scrollToIndex(at, { align: "nearest" });
}

/** Tells the engine whether somebody looks at the newest messages. */
function useAttention(room: string, following: RefObject<boolean>) {
  const engine = useEngine();
  useEffect(() => {
    const look = () => {
      engine.attentive = following.current && document.hasFocus();
      if (document.visibilityState === "hidden") engine.lookAway(room);
      else engine.lookBack(room);
    };
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      window.removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
      engine.attentive = false;
    };
  }, [engine, room, following]);
}

/** The newest message of which at least half is in sight. */
function lastSeenSeq(
  list: VirtualizerHandle | null,
  scroller: HTMLElement | null,
  rows: readonly Row[],
): number | undefined {
  if (!list || !scroller || rows.length === 0) return undefined;
  const bottom = list.scrollOffset + scroller.clientHeight;
  for (let at = Math.min(rows.length - 1, list.findItemIndex(bottom)); at >= 0; at -= 1) {
    const row = rows[at];
    const middle = list.getItemOffset(at) + list.getItemSize(at) / 2;
    if (row?.kind === "message" && !row.unsent && middle <= bottom) return row.message.seq;
  }
  return undefined;
}

/** A moment of the day that the first row in sight belongs to, once its line has left. */
function dayAbove(list: VirtualizerHandle | null, rows: readonly Row[]): string | undefined {
  if (!list) return undefined;
  const at = list.findItemIndex(list.scrollOffset);
  const row = rows[at];
  if (row?.kind !== "message") return undefined;
  const line = row.day && list.scrollOffset - list.getItemOffset(at) < DAY_LINE_PX;
  return line ? undefined : row.message.created_at;
}

const isSameDay = (one: string | undefined, other: string | undefined) =>
  one !== undefined && other !== undefined && dayOf(one) === dayOf(other);

function firstSeen(list: VirtualizerHandle | null, rows: readonly Row[]): string | undefined {
  if (!list) return undefined;
  const row = rows[list.findItemIndex(list.scrollOffset)];
  return row?.kind === "message" && !row.unsent ? row.message.id : undefined;
}
