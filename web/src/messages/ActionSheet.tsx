import { closeLayer, type MessageAction } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { actionIcon, actionName } from "./Tools";

/** The same actions as on hover, for touch and keyboard. */
export default function ActionSheet({ actions }: { actions: readonly MessageAction[] }) {
  return (
    <Dialog title={m.message_actions()}>
      <div className="sheet-actions">
        {actions.map(({ id, run }) => (
          <button
            key={id}
            type="button"
            className={id === "delete" ? "danger" : undefined}
            onClick={() => {
              closeLayer();
              run();
            }}
          >
            <Icon name={actionIcon[id]} />
            {actionName(id)}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
