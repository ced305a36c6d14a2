/** Short messages at the edge of the screen. They never take the focus. */
import { create } from "zustand";
import { announce } from "./announcer";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly requestId?: string;
}

const LASTS_MS = 8000;
let last = 0;

export const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

export const dismissToast = (id: number) =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

export function toast(text: string, requestId?: string) {
  last += 1;
  const id = last;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { id, text, requestId }] }));
  announce(text);
  setTimeout(() => dismissToast(id), LASTS_MS);
}
