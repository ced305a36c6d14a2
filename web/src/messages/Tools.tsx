import type { MessageAction } from "../app/layers";
import { m } from "../paraglide/messages.js";
import type { IconName } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";

export const actionIcon: Record<MessageAction["id"], IconName> = {
  edit: "pen",
  "copy-text": "copy",
  "copy-link": "link",
  delete: "trash",
};

export const actionName = (id: MessageAction["id"]): string =>
  ({
    edit: m.action_edit(),
    "copy-text": m.action_copy_text(),
    "copy-link": m.action_copy_link(),
    delete: m.action_delete(),
  })[id];

/** The actions of the message under the pointer or the focus. */
export function Tools({ actions }: { actions: readonly MessageAction[] }) {
  return (
    <div className="tools" role="toolbar" aria-label={m.message_actions()}>
      {actions.map(({ id, run }) => (
        <IconButton key={id} icon={actionIcon[id]} label={actionName(id)} onClick={run} />
      ))}
    </div>
  );
}
