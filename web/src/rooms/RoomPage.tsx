import { useEffect, useLayoutEffect, useState } from "react";
import { useEngine, useRoom, useSync } from "../app/context";
import type { Room } from "../api/types";
import { Quoting } from "../composer/Quoting";
import { navigate, paths } from "../kit/router";
import { quoteNothing, quoteOf } from "../composer/answering";
import { Closed } from "../composer/Closed";
import { Composer } from "../composer/Composer";
import { landOnTouch } from "../composer/focus";
import { editLast } from "../messages/editLast";
import { Timeline } from "../messages/Timeline";
import { TypingLine } from "../messages/TypingLine";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { Empty, Failed, PageLoading, Skeletons } from "../ui/States";
import { Link } from "../ui/Link";
import { ConnectionStrip } from "./ConnectionStrip";
import { RoomHeader } from "./RoomHeader";
import { addressOf } from "./names";

interface Props {
  id: string;
  message?: string;
  /** Something else is looked at, which covers the room on a phone. */
  beside: boolean;
}

export function RoomPage({ id, message, beside }: Props) {
  const room = useRoom(id);
  const status = useSync((state) => state.roomsStatus);
  if (room?.role) return <OpenRoom key={id} room={room} message={message} beside={beside} />;
  if (status === "loading") return <PageLoading />;
  return <NoRoom />;
}

interface OpenProps extends Omit<Props, "id"> {
  room: Room;
}

function OpenRoom({ room, message, beside }: OpenProps) {
  const engine = useEngine();
  const { id } = room;
  const view = useSync((state) => state.views[id]);
  const [editing, setEditing] = useState<string>();

  // Before the composer, which takes the focus where somebody asked for it.
  useLayoutEffect(() => {
    if (!message && !beside) landOnTouch();
  }, [message, beside]);
  useEffect(() => {
    void engine.openRoom(id, message);
    return () => engine.closeRoom(id);
  }, [engine, id, message]);

  const stay = () => message && navigate(paths.room(id), { replace: true });
  const waiting = view?.status !== "ready";
  return (
    <>
      <RoomHeader room={room} />
      <ConnectionStrip room={id} />
      {view?.status === "failed" && (
        <div className="fill">
          <Failed
            title={m.history_failed_title()}
            problem={view.problem}
            onRetry={() => {
              stay();
              void engine.goTo(id, "newest");
            }}
          />
        </div>
      )}
      {view?.status !== "failed" && waiting && (
        <div className="fill">
          <Skeletons label={m.loading()} />
        </div>
      )}
      {!waiting && (
        <Timeline room={id} name={nameOf(room)} view={view} editing={editing} onEdit={setEditing} />
      )}
      <TypingLine room={id} />
      {room.closed ? (
        <Closed id="composer" room={room} />
      ) : (
        <RoomComposer room={room} onEdit={setEditing} />
      )}
    </>
  );
}

interface ComposerProps {
  room: Room;
  onEdit: (message: string) => void;
}

function RoomComposer({ room, onEdit }: ComposerProps) {
  const engine = useEngine();
  const { id } = room;
  const escape = () => {
    if (quoteOf(id)) return quoteNothing(id);
    void engine.reading.readAll(id);
    void engine.goTo(id, "newest");
  };
  return (
    <Composer
      id="composer"
      room={id}
      draft={id}
      label={m.message_to({ room: addressOf(room) })}
      above={<Quoting draft={id} />}
      onSend={(text, files) => {
        void engine.send(id, text, { quote: quoteOf(id), files });
        quoteNothing(id);
      }}
      onWrite={() => engine.typing(id)}
      onEditLast={() => editLast(engine, { room: id }, onEdit)}
      onEscape={escape}
    />
  );
}

function NoRoom() {
  return (
    <div className="fill">
      <Empty
        main
        icon="search"
        title={m.room_not_found_title()}
        actions={
          <>
            <Link className="btn primary" href={paths.browse}>
              {m.browse_rooms()}
            </Link>
            <Link className="btn" href={paths.home}>
              {m.back_to_rooms()}
            </Link>
          </>
        }
      >
        <p>{m.room_not_found()}</p>
      </Empty>
    </div>
  );
}
