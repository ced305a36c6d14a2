/** What events say about reactions, applied to the message that they are at. */
import type { Message, Reaction, RoomEvent } from "../api/types";

type ReactionEvent = Extract<RoomEvent, { type: "reactionAdded" | "reactionRemoved" }>;

const isReaction = (event: RoomEvent): event is ReactionEvent =>
  event.type === "reactionAdded" || event.type === "reactionRemoved";

/** The reactions after `emoji` is there `count` times; `mine` if it was I who changed it. */
export function withReaction(
  reactions: readonly Reaction[],
  emoji: string,
  count: number,
  mine: boolean | undefined,
): Reaction[] {
  const known = reactions.find((one) => one.emoji === emoji);
  const next: Reaction = { emoji, count, mine: mine ?? known?.mine ?? false };
  if (count <= 0) return reactions.filter((one) => one !== known);
  return known ? reactions.map((one) => (one === known ? next : one)) : [...reactions, next];
}

export function reacted(message: Message, event: ReactionEvent, me: string): Message {
  const mine = event.actor.id === me ? event.type === "reactionAdded" : undefined;
  const reactions = withReaction(message.reactions ?? [], event.emoji, event.count, mine);
  return { ...message, reactions };
}

/** What holds messages that can be changed. */
interface Changeable {
  change(id: string, change: (message: Message) => Message): void;
}

export function applyReaction(stretch: Changeable, event: RoomEvent, me: string) {
  if (isReaction(event)) stretch.change(event.message, (message) => reacted(message, event, me));
}

/** Shown at once, before the server answers. */
export function reactedByMe(message: Message, emoji: string, on: boolean): Message {
  const known = message.reactions?.find((one) => one.emoji === emoji);
  if ((known?.mine ?? false) === on) return message;
  const count = (known?.count ?? 0) + (on ? 1 : -1);
  return { ...message, reactions: withReaction(message.reactions ?? [], emoji, count, on) };
}
