import { useEffect, useRef } from "react";
import { useAnnouncer } from "../kit/announcer";
import { dismissToast, type Toast, useToasts } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { IconButton } from "./IconButton";
import "./toasts.css";

/** The notices on the screen; F8 moves the focus to them. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const reach = (event: KeyboardEvent) => {
      if (event.key === "F8") region.current?.querySelector("button")?.focus();
    };
    window.addEventListener("keydown", reach);
    return () => window.removeEventListener("keydown", reach);
  }, []);
  return (
    <div className="toasts" role="region" aria-label={m.notifications()} ref={region}>
      {toasts.map((toast) => (
        <div key={toast.id} className="toast">
          <div>
            {toast.text}
            {toast.requestId && (
              <div className="request-id">{m.request_id({ id: toast.requestId })}</div>
            )}
          </div>
          {toast.action && <ActionButton id={toast.id} action={toast.action} />}
          <IconButton icon="x" label={m.dismiss()} onClick={() => dismissToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}

function ActionButton({ id, action }: { id: number; action: NonNullable<Toast["action"]> }) {
  return (
    <button
      type="button"
      className="action"
      onClick={() => {
        dismissToast(id);
        action.run();
      }}
    >
      {action.label}
    </button>
  );
}

/** Where screen readers listen. */
export function Announcer() {
  const { polite, assertive } = useAnnouncer();
  return (
    <div className="vh">
      <div role="status" aria-live="polite">
        {polite}
      </div>
      <div role="alert" aria-live="assertive">
        {assertive}
      </div>
    </div>
  );
}
