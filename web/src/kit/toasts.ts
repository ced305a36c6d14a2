/** Short messages at the edge of the screen. They never take the focus. */
import { create } from "zustand";
import { m } from "../paraglide/messages.js";
import { announce } from "./announcer";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly requestId?: string;
  /** What can still be done about it, as “Undo”. */
  readonly action?: {
    readonly label: string;
    readonly run: () => void;
    /** It was not done, and can no longer be. */
    readonly missed?: () => void;
  };
}

const LASTS_MS = 8000;
const SHOWN_MAX = 3;
let last = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

/** Takes it from the screen; answers with it if it was still there. */
function take(id: number): Toast | undefined {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const { toasts } = useToasts.getState();
  useToasts.setState({ toasts: toasts.filter((toast) => toast.id !== id) });
  releaseToasts(); // Whoever was at this one may have no other way to say that they left.
  return toasts.find((toast) => toast.id === id);
}

export const dismissToast = (id: number) => take(id)?.action?.missed?.();

export const actOnToast = (id: number) => take(id)?.action?.run();

/** The page is about to be left: nothing can be done about any of them any more. */
export function endToasts() {
  for (const { id } of useToasts.getState().toasts) dismissToast(id);
}

/** While somebody is at the toasts, none goes away. */
export function holdToasts() {
  timers.forEach((timer) => clearTimeout(timer));
}

export function releaseToasts() {
  for (const { id } of useToasts.getState().toasts) expire(id);
}

function expire(id: number) {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => dismissToast(id), LASTS_MS),
  );
}

const waits = ({ action }: Toast) => Number(action?.missed !== undefined);

/** The oldest go, and those that can still be undone last of all. */
function makeRoom() {
  const { toasts } = useToasts.getState();
  const over = Math.max(0, toasts.length + 1 - SHOWN_MAX);
  const order = toasts.toSorted((one, other) => waits(one) - waits(other) || one.id - other.id);
  for (const { id } of order.slice(0, over)) dismissToast(id);
}

export function toast(text: string, requestId?: string, action?: Toast["action"]): number {
  last += 1;
  const id = last;
  makeRoom();
  const shown: Toast = { id, text, requestId, action };
  useToasts.setState((now) => ({ toasts: [...now.toasts, shown] }));
  announce(action ? m.toast_with_action({ text, action: action.label }) : text);
  expire(id);
  return id;
}
