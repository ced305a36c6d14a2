import type { Message } from "../api/types";
import { paths } from "../kit/router";
import { inRoom } from "../sync/room-timeline";

/** Where a message is shown: in its room, or in its thread if it is only there. */
export const pathOf = ({ room, id, thread, ...message }: Message) =>
  thread && !inRoom({ room, id, thread, ...message })
    ? paths.threadMessage(room, thread, id)
    : paths.message(room, id);
