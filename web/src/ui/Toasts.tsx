import { type RefObject, useEffect, useRef } from "react";
import { useAnnouncer } from "../kit/announcer";
import {
  actOnToast,
  dismissToast,
  holdToasts,
  releaseToasts,
  type Toast,
  useToasts,
} from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { IconButton } from "./IconButton";
import "./toasts.css";

/** The notices on the screen; F8 moves the focus to them. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const { region, leave } = useReach();
  useHeight(region);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- they only wait
    <div
      className="toasts"
      // A dialog takes everything else away from those who cannot see past it.
      data-react-aria-top-layer
      role="region"
      aria-label={m.notifications()}
      ref={region}
      onPointerEnter={holdToasts}
      onPointerLeave={releaseToasts}
      onFocus={holdToasts}
      onBlur={releaseToasts}
    >
      {toasts.map((toast) => (
        <div key={toast.id} className="toast">
          <div>
            {toast.text}
            {toast.requestId && (
              <div className="request-id">{m.request_id({ id: toast.requestId })}</div>
            )}
          </div>
          {toast.action && <ActionButton id={toast.id} action={toast.action} onDone={leave} />}
          <IconButton
            icon="x"
            label={m.dismiss()}
            onClick={() => {
              leave();
              dismissToast(toast.id);
            }}
          />
        </div>
      ))}
    </div>
  );
}

/** F8 goes to the newest notice, and whoever is done there is back where they were. */
function useReach() {
  const region = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const reach = (event: KeyboardEvent) => {
      const button = region.current?.querySelector<HTMLElement>(".toast:last-child button");
      if (event.key !== "F8" || !button) return;
      const from = document.activeElement;
      if (!region.current?.contains(from)) before.current = from;
      button.focus();
    };
    window.addEventListener("keydown", reach);
    return () => window.removeEventListener("keydown", reach);
  }, []);
  const leave = () => {
    const inside = region.current?.contains(document.activeElement);
    if (inside && before.current instanceof HTMLElement) before.current.focus();
  };
  return { region, leave };
}

/** Tells the style sheets how high they are: a dialog on a phone leaves them that much. */
function useHeight(region: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = region.current;
    if (!element) return undefined;
    const tell = () =>
      document.documentElement.style.setProperty("--toasts", `${element.offsetHeight}px`);
    const observer = new ResizeObserver(tell);
    observer.observe(element);
    return () => observer.disconnect();
  }, [region]);
}

interface ActionProps {
  id: number;
  action: NonNullable<Toast["action"]>;
  onDone: () => void;
}

function ActionButton({ id, action, onDone }: ActionProps) {
  return (
    <button
      type="button"
      className="action"
      onClick={() => {
        onDone();
        actOnToast(id);
      }}
    >
      {action.label}
    </button>
  );
}

/** Where screen readers listen, also while a dialog is open. */
export function Announcer() {
  const { polite, assertive } = useAnnouncer();
  return (
    <div className="vh" data-live-announcer>
      <div role="status" aria-live="polite">
        {polite}
      </div>
      <div role="alert" aria-live="assertive">
        {assertive}
      </div>
    </div>
  );
}
