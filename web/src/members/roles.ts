import type { RoomRole } from "../api/types";
import { m } from "../paraglide/messages.js";

export const roles: readonly RoomRole[] = ["owner", "moderator", "member"];

/** Whether a role is at least another one. */
export const isAtLeast = (role: RoomRole | null | undefined, least: RoomRole): boolean =>
  role !== undefined && role !== null && roles.indexOf(role) <= roles.indexOf(least);

export const roleName = (role: RoomRole): string =>
  ({ owner: m.role_owner(), moderator: m.role_moderator(), member: m.role_member() })[role];
