import { memo, type PointerEvent, type ReactNode, useRef } from "react";
import { clockTime, fullTime } from "../kit/format";
import { Markdown } from "../markdown/Markdown";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import type { MessageRow } from "./rows";

const LONG_PRESS_MS = 450;

interface Props {
  row: MessageRow;
  active: boolean;
  target: boolean;
  tools?: ReactNode;
  editor?: ReactNode;
  delivery?: ReactNode;
  onLongPress: () => void;
}

/** One message: who and when at the head of a turn, then the text, then how it is doing. */
export const MessageItem = memo(function MessageItem(props: Props) {
  const { row, active, target, tools, editor, delivery, onLongPress } = props;
  const { message, unsent, head, last } = row;
  const press = useLongPress(onLongPress);
  const label = `by-${message.id}`;
  const classes = ["message", head && "head", last && "last", unsent && "pending"];
  if (target) classes.push("target");
  return (
    <article
      id={`m-${message.id}`}
      className={classes.filter(Boolean).join(" ")}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
      {...press}
    >
      <div className="gutter">
        {head ? (
          <Avatar person={message.sender} />
        ) : (
          <time dateTime={message.created_at} aria-hidden="true">
            {clockTime(message.created_at)}
          </time>
        )}
      </div>
      <div className="said">
        <div className={head ? "by" : "vh"} id={label}>
          <b>{message.sender.display_name}</b>{" "}
          <time dateTime={message.created_at} title={fullTime(message.created_at)}>
            {clockTime(message.created_at)}
          </time>
        </div>
        {editor ?? <Body row={row} />}
        {delivery}
      </div>
      {tools}
    </article>
  );
});

function Body({ row: { message } }: { row: MessageRow }) {
  if (message.deleted || !message.text) {
    return (
      <p className="deleted">
        <Icon name="eyeOff" small />
        {m.message_deleted()}
      </p>
    );
  }
  return (
    <Markdown
      id={message.id}
      text={message.text}
      after={
        message.revision > 1 && (
          <span
            className="edited"
            title={message.edited_at ? fullTime(message.edited_at) : undefined}
          >
            {m.message_edited()}
          </span>
        )
      }
    />
  );
}

/** Touch has no hover: holding a message opens its actions. */
function useLongPress(run: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const cancel = () => clearTimeout(timer.current);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType !== "touch") return;
      cancel();
      timer.current = setTimeout(run, LONG_PRESS_MS);
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
    onPointerMove: (event: PointerEvent) => {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 4) cancel();
    },
  };
}
