/** The commands in words. Loaded when the first slash is written. */
import type { Room } from "../api/types";
import { isAtLeast } from "../members/roles";
import { m } from "../paraglide/messages.js";
import type { IconName } from "../ui/Icon";
import type { CommandName } from "./commands";

interface Offered {
  readonly name: CommandName;
  readonly icon: IconName;
  readonly about: string;
  /** Nothing is written after it. */
  readonly alone?: boolean;
  readonly isFor: (room: Room) => boolean;
}

const anywhere = () => true;
const isShared = ({ kind }: Room) => kind !== "direct";
const isManaged = (room: Room) => isShared(room) && isAtLeast(room.role, "moderator");

export const commandList = (): readonly Offered[] => [
  { name: "topic", icon: "pen", about: m.command_topic(), isFor: isManaged },
  { name: "invite", icon: "userPlus", about: m.command_invite(), isFor: isManaged },
  { name: "mute", icon: "bellOff", about: m.command_mute(), isFor: anywhere },
  { name: "unmute", icon: "bell", about: m.command_unmute(), alone: true, isFor: anywhere },
  { name: "msg", icon: "message", about: m.command_msg(), isFor: anywhere },
  { name: "leave", icon: "leave", about: m.command_leave(), alone: true, isFor: isShared },
  { name: "help", icon: "keyboard", about: m.command_help(), alone: true, isFor: anywhere },
];
