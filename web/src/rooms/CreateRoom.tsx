import { api } from "../api/client";
import { useEngine } from "../app/context";
import { closeLayer } from "../app/layers";
import { navigate, paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";
import { RoomForm } from "./RoomForm";

export default function CreateRoom() {
  const engine = useEngine();
  return (
    <Dialog title={m.create_room()}>
      <RoomForm
        initial={{ name: "", topic: "", kind: "public" }}
        submitLabel={m.create_room()}
        save={({ topic, ...fields }) => api.createRoom(topic ? { ...fields, topic } : fields)}
        onSaved={(room) => {
          void engine.adopt(room);
          closeLayer();
          navigate(paths.room(room.id));
        }}
      />
    </Dialog>
  );
}
