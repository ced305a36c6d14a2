/** The words of the API, under their own names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type Me = Schemas["Me"];
export type Room = Schemas["Room"];
export type RoomKind = Schemas["RoomKind"];
export type RoomRole = Schemas["RoomRole"];
export type Member = Schemas["Member"];
export type Quote = Schemas["Quote"];
export type Reaction = Schemas["Reaction"];
export type Replies = Schemas["Replies"];
export type Everyone = Schemas["Everyone"];
/** A file of a message; `File` is the browser's word. */
export type SharedFile = Schemas["File"];
export type Message = Schemas["Message"];
export type MessageList = Schemas["MessageList"];
export type ThreadPage = Schemas["ThreadPage"];
export type Thread = Schemas["Thread"];
export type ThreadList = Schemas["ThreadList"];
export type InboxItem = Schemas["InboxItem"];
export type Inbox = Schemas["Inbox"];
export type ReceivedReaction = Schemas["ReceivedReaction"];
export type SavedItem = Schemas["SavedItem"];
export type Unread = Schemas["Unread"];
export type MailNotices = Schemas["MailNotices"];
export type PutMailNotices = Schemas["PutMailNotices"];
export type NoticeChoices = Schemas["NoticeChoices"];
export type LinkPreview = Schemas["LinkPreview"];
export type Clip = Schemas["Clip"];
export type Notices = Schemas["Notices"];
export type PutRoomNotices = Schemas["PutRoomNotices"];
export type RoomNotices = Schemas["RoomNotices"];
export type NewPushDevice = Schemas["NewPushDevice"];
export type Draft = Schemas["Draft"];
export type PresenceChoice = Schemas["PresenceChoice"];
/** Told by the socket alone. */
export interface PersonPresence {
  person: string;
  state: "online" | "away" | "off";
}
export type RevisionList = Schemas["RevisionList"];
export type PostMessage = Schemas["PostMessage"];
export type RoomEvent = Schemas["RoomEvent"];
export type EventList = Schemas["EventList"];
export type Invitation = Schemas["Invitation"];
export type Invited = Schemas["Invited"];
export type InvitePreview = Schemas["InvitePreview"];
export type NewRoom = Schemas["NewRoom"];
export type ChangeRoom = Schemas["ChangeRoom"];
