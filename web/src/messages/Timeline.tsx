import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { useEngine, useMe, useSync } from "../app/context";
import { openLayer } from "../app/layers";
import type { Goal, RoomView } from "../sync/state";
import { ListContext } from "../links/place";
import { notePeople } from "../mentions/known";
import { m } from "../paraglide/messages.js";
import { UnsentDelivery } from "./Delivery";
import { Editor } from "./Editor";
import { Edges } from "./Edges";
import { MessageItem } from "./MessageItem";
import {
  changedAtStart,
  type MessageRow,
  type Row,
  rowsOf,
  type Source,
  unchanged,
} from "./rows";
import { DayLine, NewLine, RoomStart } from "./Separators";
import { keyAction } from "./keyAction";
import { peopleOf } from "./peopleOf";
import { useActions } from "./useActions";
import { useBuffer } from "./useBuffer";
import { useRoving } from "./useRoving";
import { useViewport } from "./useViewport";
import "../threads/threads.css";
import "./messages.css";

const TARGET_MS = 2000;
/** Room for what was read before, above the line of what is new. */
const ABOVE_NEW_PX = -72;

interface Props {
  room: string;
  name: string;
  view: RoomView;
  editing: string | undefined;
  onEdit: (message: string | undefined) => void;
}

/** The messages of a room, of which only those in sight are in the document. */
export function Timeline({ room, name, view, editing, onEdit }: Props) {
  const engine = useEngine();
  const me = useMe();
  const unsent = useUnsent(room);
  const { window, newAfter } = view;
  const rows = useRows({ window, unsent, me, newAfter });
  useEffect(() => notePeople(window.items.flatMap(peopleOf)), [window.items]);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const shift = useShift(rows, view.load);
  const viewport = useViewport({ room, view, rows, scroller, list, shift });
  const place = { room, draft: room, composer: "composer", threads: true };
  const actionsOf = useActions({ ...place, onEdit, elementOf });
  const openActions = useCallback(
    (row: MessageRow) => {
      const actions = actionsOf(row);
      if (actions.length > 0) openLayer({ kind: "message-actions", message: row.message, actions });
    },
    [actionsOf],
  );
  const act = (row: Row, key: string) => {
    if (row.kind !== "message") return false;
    if (key === "Enter") openActions(row);
    const action = keyAction(key, actionsOf(row));
    action?.run();
    return action !== undefined;
  };
  const roving = useRoving(rows, viewport.show, act, toComposer);
  const target = useVisit({ view, rows, list, viewport, focusRow: roving.focusRow });
  useEditedInSight(editing, rows, viewport.show);

  const buffer = useBuffer(room, view);

  const stopEditing = useCallback(() => {
    onEdit(undefined);
    toComposer();
  }, [onEdit]);
  const kept = roving.active >= 0 ? [roving.active] : [];
  const editedAt = rows.findIndex((row) => row.kind === "message" && row.message.id === editing);
  if (editedAt >= 0) kept.push(editedAt);

  const item = (row: MessageRow, at: number) => (
    <MessageItem
      row={row}
      active={at === roving.active}
      target={target === row.message.id}
      actionsOf={actionsOf}
      editor={
        editing === row.message.id && !row.message.deleted ? (
          <Editor message={row.message} onDone={stopEditing} />
        ) : undefined
      }
      delivery={row.unsent && <UnsentDelivery row={row} draft={room} composer="composer" />}
      onLongPress={openActions}
    />
  );
  return (
    <div className="timeline-host">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows move */}
      <div
        ref={scroller}
        className="timeline"
        data-region
        role="log"
        aria-live="off"
        aria-label={m.messages_of({ name })}
        tabIndex={-1}
        {...viewport.byHand}
        onKeyDown={roving.press}
        onWheel={(event) => {
          buffer.widen();
          if (event.deltaY < 0) viewport.hold();
        }}
        onTouchStart={buffer.widen}
        onTouchMove={viewport.hold}
        onFocus={(event) => {
          const key = event.target.closest<HTMLElement>("[data-row]")?.dataset.row;
          if (key) roving.setActiveKey(key);
        }}
      >
        <div className="filler" />
        <ListContext value={viewport.late}>
          <Virtualizer
            key={view.load}
            ref={list}
            scrollRef={scroller}
            data={rows}
            shift={shift}
            bufferSize={buffer.size}
            keepMounted={kept}
            onScroll={viewport.measure}
            onResize={viewport.settle}
            onScrollEnd={viewport.rest}
          >
            {(row: Row, at) => (
              <div key={row.key} data-row={row.key}>
                {row.kind === "start" ? (
                  <RoomStart room={room} />
                ) : (
                  <>
                    {row.day && <DayLine time={row.message.created_at} />}
                    {row.fresh && <NewLine />}
                    {item(row, at)}
                  </>
                )}
              </div>
            )}
          </Virtualizer>
        </ListContext>
      </div>
      <Edges
        room={room}
        view={view}
        atEnd={viewport.atEnd}
        day={viewport.day}
        onEnd={() => {
          viewport.follow();
          void engine.goTo(room, "newest");
        }}
      />
    </div>
  );
}

const toComposer = () => document.getElementById("composer")?.focus();

const elementOf = (message: string) => document.getElementById(`m-${message}`);

/** What waits to be sent to this room, and not to a thread alone. */
function useUnsent(room: string) {
  const all = useSync((state) => state.unsent);
  return useMemo(
    () => all.filter((item) => item.room === room && (!item.thread || item.also_to_room)),
    [all, room],
  );
}

/** The rows; one that shows the same is the same object as before, so it is not drawn anew. */
function useRows({ window, unsent, me, newAfter }: Source): readonly Row[] {
  const made = useMemo(
    () => rowsOf({ window, unsent, me, newAfter }),
    [window, unsent, me, newAfter],
  );
  const kept = useRef<{ made?: readonly Row[]; rows: readonly Row[] }>({ rows: [] });
  if (kept.current.made !== made)
    kept.current = { made, rows: unchanged(kept.current.rows, made) };
  return kept.current.rows;
}

/** Whether this rendering adds or removes rows above what is on the screen. */
function useShift(rows: readonly Row[], load: number): boolean {
  const before = useRef({ rows, load });
  const known = before.current;
  const shift = known.load === load && changedAtStart(known.rows, rows);
  useLayoutEffect(() => {
    before.current = { rows, load };
  });
  return shift;
}

interface Visit {
  view: RoomView;
  rows: readonly Row[];
  list: React.RefObject<VirtualizerHandle | null>;
  viewport: ReturnType<typeof useViewport>;
  focusRow: (row: Row | undefined) => void;
}

/** Looks where the visit wants to; answers with the message pointed out, for a moment. */
function useVisit({ view, rows, list, viewport, focusRow }: Visit): string | undefined {
  const [shown, setShown] = useState<string>();
  const latest = useRef(rows);
  latest.current = rows;
  useLayoutEffect(() => {
    const { goal } = view;
    const at = rows.findIndex((row) => row.kind === "message" && isGoal(row, goal));
    if (goal.kind === "end" || at < 0) return viewport.follow();
    const pointed = goal.kind === "message";
    viewport.aim(() => {
      const now = latest.current.findIndex(({ key }) => key === rows[at]?.key);
      if (pointed) list.current?.scrollToIndex(now, { align: "center" });
      else list.current?.scrollToIndex(now, { align: "start", offset: ABOVE_NEW_PX });
    });
    if (!pointed) return;
    setShown(goal.id);
    focusRow(rows[at]);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only when there is a new visit
  }, [view.visit]);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setShown(undefined), TARGET_MS);
    return () => clearTimeout(timer);
  }, [shown, view.visit]);
  return shown;
}

const isGoal = (row: MessageRow, goal: Goal) =>
  goal.kind === "new" ? row.fresh : goal.kind !== "end" && row.message.id === goal.id;

function useEditedInSight(
  editing: string | undefined,
  rows: readonly Row[],
  show: (key: string) => void,
) {
  useEffect(() => {
    const row = rows.find((one) => one.kind === "message" && one.message.id === editing);
    if (editing && row) show(row.key);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only when editing begins
  }, [editing]);
}
