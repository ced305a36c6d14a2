import { useCallback } from "react";
import { useMe, useRoom } from "../app/context";
import { type MessageAction, openLayer } from "../app/layers";
import { paths } from "../kit/router";
import { toast } from "../kit/toasts";
import { fromWire } from "../mentions/wire";
import { m } from "../paraglide/messages.js";
import type { MessageRow } from "./rows";

const copy = (text: string) =>
  void navigator.clipboard.writeText(text).then(() => toast(m.copied()));

/** What this person may do with a message. */
export function useActions(room: string, onEdit: (message: string) => void) {
  const me = useMe();
  const role = useRoom(room)?.role;
  return useCallback(
    ({ message, unsent }: MessageRow): readonly MessageAction[] => {
      if (unsent || message.deleted) return [];
      const mine = message.sender.id === me.id;
      const moderates = role === "owner" || role === "moderator";
      const link = `${location.origin}${paths.message(room, message.id)}`;
      const actions: MessageAction[] = [
        { id: "copy-text", run: () => copy(fromWire(message.text ?? "")) },
        { id: "copy-link", run: () => copy(link) },
      ];
      if (mine) actions.unshift({ id: "edit", run: () => onEdit(message.id) });
      if (mine || moderates)
        actions.push({ id: "delete", run: () => openLayer({ kind: "delete-message", message }) });
      return actions;
    },
    [me.id, role, room, onEdit],
  );
}
