import { api } from "../api/client";
import { useEngine, useRoom } from "../app/context";
import { closeLayer, openLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { toast } from "../kit/toasts";
import { Dialog } from "../ui/Dialog";
import { RoomForm } from "./RoomForm";
import { kindWords } from "./names";

export default function RoomSettings({ room: id }: { room: string }) {
  const engine = useEngine();
  const room = useRoom(id);
  if (!room) return null;
  const manages = room.role === "owner" || room.role === "moderator";
  const leave = (
    <div className="danger-zone">
      <p>{m.leave_room_about()}</p>
      <button
        type="button"
        className="btn danger"
        onClick={() => openLayer({ kind: "leave-room", room: id })}
      >
        {m.leave_room()}
      </button>
    </div>
  );
  if (!manages) {
    return (
      <Dialog title={m.room_settings()}>
        <div className="body">
          <div>
            <b>{room.name}</b>
            <p>{room.topic}</p>
            <p>{kindWords(room.kind)}</p>
          </div>
          {leave}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={m.room_settings()}>
      <RoomForm
        initial={{
          name: room.name,
          topic: room.topic,
          kind: room.kind,
          everyone_role: room.everyone_role,
        }}
        submitLabel={m.save()}
        save={(fields) => api.changeRoom(id, fields)}
        onSaved={(saved) => {
          engine.rooms.put(saved);
          closeLayer();
          toast(m.saved());
        }}
      >
        {leave}
      </RoomForm>
    </Dialog>
  );
}
