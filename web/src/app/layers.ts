/** What lies over the page: at most one dialog, and the panel at the side. */
import { create } from "zustand";
import type { Message, SharedFile } from "../api/types";

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

export const openLayer = (layer: Layer) => useLayers.setState({ layer });
export const closeLayer = () => useLayers.setState({ layer: undefined });
export const setPanel = (panel: boolean) => useLayers.setState({ panel });
