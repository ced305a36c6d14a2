/** Short messages at the edge of the screen. They never take the focus. */
import { create } from "zustand";
import { announce } from "./announcer";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly requestId?: string;
  /** What can still be done about it, as “Undo”. */
  readonly action?: { readonly label: string; readonly run: () => void };
}

const LASTS_MS = 8000;
let last = 0;

export const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

export const dismissToast = (id: number) =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

export function toast(text: string, requestId?: string, action?: Toast["action"]): number {
  last += 1;
  const id = last;
  const shown: Toast = { id, text, requestId, action };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), shown] }));
  announce(text);
  setTimeout(() => dismissToast(id), LASTS_MS);
  return id;
}
