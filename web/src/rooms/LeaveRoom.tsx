import { useEngine, useRoom } from "../app/context";
import { navigate, paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Confirm } from "../ui/Confirm";

export default function LeaveRoom({ room: id }: { room: string }) {
  const engine = useEngine();
  const room = useRoom(id);
  const leave = async () => {
    await engine.leave(id);
    navigate(paths.home);
  };
  return (
    <Confirm
      title={m.leave_room_title({ room: room?.name ?? "" })}
      action={m.leave_room()}
      run={leave}
    >
      <p>{room?.kind === "private" ? m.leave_private_about() : m.leave_public_about()}</p>
    </Confirm>
  );
}
