/** What the engine needs of the world around it. */
import type { Api } from "../api/client";
import type { Link, LinkListener } from "./link";
import type { Shelf } from "./outbox";
import type { Happenings } from "./state";

export interface EnginePorts {
  api: Api;
  shelf: Shelf;
  openLink(listener: LinkListener): Link;
  exclusively(name: string, work: () => Promise<void>): Promise<void>;
  online(): boolean;
  tellOtherTabs(): void;
  /** The text as it is kept: those whom it calls by their ids. */
  withIds(room: string, text: string): Promise<string>;
  happenings: Happenings;
}

/** The durable events: each is an entry of its room's log. */
export const eventNames = new Set([
  "message",
  "messageEdited",
  "messageDeleted",
  "reactionAdded",
  "reactionRemoved",
  "memberJoined",
  "memberLeft",
  "memberChanged",
  "roomChanged",
]);
