import { useLayoutEffect } from "react";
import type { Message } from "../api/types";
import { Boundary } from "../ui/Boundary";
import { later } from "../ui/later";
import { countRow, stop, usePlayer } from "./player";
import "./player.css";

const Late = later(
  () => import("./Controls"),
  () => <div className="player" />,
);
export const loadControls = Late.load;

/** The player of a message, while it is this one that is heard. */
export function Player({ message }: { message: Message }) {
  const heard = usePlayer((player) => player.message?.id === message.id);
  useLayoutEffect(() => {
    if (!heard) return;
    countRow(1);
    return () => countRow(-1);
  }, [heard]);
  return heard && <Controls message={message} />;
}

/** What can be done with what is heard; what nobody could end is not heard. */
export function Controls({ message }: { message: Message }) {
  return (
    <Boundary onFailed={stop}>
      <Late message={message} />
    </Boundary>
  );
}
