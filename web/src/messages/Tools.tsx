import type { MessageAction } from "../app/layers";
import { m } from "../paraglide/messages.js";
import type { IconName } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { MenuButton } from "../ui/MenuButton";

export const actionIcon: Record<MessageAction["id"], IconName> = {
  react: "smile",
  play: "play",
  reply: "reply",
  thread: "thread",
  edit: "pen",
  "copy-text": "copy",
  "copy-link": "link",
  save: "bookmark",
  unsave: "bookmark",
  unread: "unread",
  history: "clock",
  delete: "trash",
};

export const actionName = (id: MessageAction["id"]): string =>
  ({
    react: m.action_react(),
    play: m.action_play(),
    reply: m.action_reply(),
    thread: m.action_thread(),
    edit: m.action_edit(),
    "copy-text": m.action_copy_text(),
    "copy-link": m.action_copy_link(),
    save: m.action_save(),
    unsave: m.action_unsave(),
    unread: m.action_unread(),
    history: m.action_history(),
    delete: m.action_delete(),
  })[id];

/** In reach at once; the rest is behind the three dots. */
const NEAR = new Set<MessageAction["id"]>(["react", "play", "reply", "thread", "edit"]);

/** The actions of the message under the pointer or the focus. */
export function Tools({ actions }: { actions: readonly MessageAction[] }) {
  if (actions.length === 0) return null;
  const far = actions.filter(({ id }) => !NEAR.has(id));
  return (
    <div className="tools" role="toolbar" aria-label={m.message_actions()}>
      {actions
        .filter(({ id }) => NEAR.has(id))
        .map(({ id, refused, run }) => (
          <IconButton
            key={id}
            icon={actionIcon[id]}
            label={refused ? `${actionName(id)}: ${refused}` : actionName(id)}
            aria-disabled={refused !== undefined || undefined}
            onClick={run}
          />
        ))}
      <MenuButton
        icon="dots"
        label={m.more_actions()}
        choices={far.map(({ id, run }) => ({
          id,
          label: actionName(id),
          icon: actionIcon[id],
          danger: id === "delete",
          run,
        }))}
      />
    </div>
  );
}
