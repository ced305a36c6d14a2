/** What lies over the page: at most one dialog, and the panel at the side. */
import { create } from "zustand";
import type { Message, SharedFile } from "../api/types";
import { cover } from "../kit/history";

export type Layer =
  | { kind: "switcher" }
  | { kind: "create-room" }
  | { kind: "direct" }
  | { kind: "help" }
  | { kind: "emoji"; anchor: HTMLElement; onPick: (emoji: string) => void }
  | { kind: "room-settings"; room: string }
  | { kind: "room-notices"; room: string }
  | { kind: "leave-room"; room: string }
  | { kind: "history"; message: Message }
  | { kind: "pictures"; files: readonly SharedFile[]; at: number }
  | { kind: "message-actions"; message: Message; actions: readonly MessageAction[] }
  | { kind: "sign-out" };

export interface MessageAction {
  readonly id:
    | "react"
    | "play"
    | "reply"
    | "thread"
    | "edit"
    | "copy-text"
    | "copy-link"
    | "save"
    | "unsave"
    | "unread"
    | "history"
    | "delete";
  /** Why it cannot be done here, if it cannot. */
  readonly refused?: string;
  readonly run: () => void;
}

interface Layers {
  layer: Layer | undefined;
  panel: boolean;
}

export const useLayers = create<Layers>(() => ({ layer: undefined, panel: false }));

let uncoverLayer: (() => void) | undefined;

/** Over the page, or in the place of the one that is there. */
export function openLayer(layer: Layer) {
  uncoverLayer ??= cover(closeLayer);
  useLayers.setState({ layer });
}

export function closeLayer() {
  uncoverLayer?.();
  uncoverLayer = undefined;
  useLayers.setState({ layer: undefined });
}

/** Up to here the panel lies over the room. */
const OVERLAID = "(max-width: 1180px)";
export const isPanelOverlaid = () => matchMedia(OVERLAID).matches;

let uncoverPanel: (() => void) | undefined;

export function openPanel() {
  if (isPanelOverlaid()) uncoverPanel ??= cover(closePanel);
  useLayers.setState({ panel: true });
}

export function closePanel() {
  uncoverPanel?.();
  uncoverPanel = undefined;
  useLayers.setState({ panel: false });
}
