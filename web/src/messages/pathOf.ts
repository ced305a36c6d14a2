import type { Message } from "../api/types";
import { paths } from "../kit/router";
import { inRoom } from "../sync/room-timeline";

type Placed = Pick<Message, "room" | "id" | "thread" | "also_to_room">;

/** Where a message is shown: in its room, or in its thread if it is only there. */
export const pathOf = ({ room, id, thread, also_to_room }: Placed) =>
  thread && !inRoom({ thread, also_to_room })
    ? paths.threadMessage(room, thread, id)
    : paths.message(room, id);
