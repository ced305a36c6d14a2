/** The words of the API, under their own names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type Me = Schemas["Me"];
export type Room = Schemas["Room"];
export type RoomKind = Schemas["RoomKind"];
export type RoomRole = Schemas["RoomRole"];
export type Member = Schemas["Member"];
export type Message = Schemas["Message"];
export type MessageList = Schemas["MessageList"];
export type RoomEvent = Schemas["RoomEvent"];
export type EventList = Schemas["EventList"];
export type Invitation = Schemas["Invitation"];
export type Invited = Schemas["Invited"];
export type InvitePreview = Schemas["InvitePreview"];
export type NewRoom = Schemas["NewRoom"];
export type ChangeRoom = Schemas["ChangeRoom"];
