import type { RoomRole } from "../api/types";
import { m } from "../paraglide/messages.js";

export const roles: readonly RoomRole[] = ["owner", "moderator", "member"];

export const roleName = (role: RoomRole): string =>
  ({ owner: m.role_owner(), moderator: m.role_moderator(), member: m.role_member() })[role];
