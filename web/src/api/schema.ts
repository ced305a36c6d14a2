/** The API in the shape that `openapi-typescript` generates (`npm run codegen`). */
type Params<Path, Query = never> = ([Path] extends [never] ? { path?: never } : { path: Path }) &
  ([Query] extends [never] ? { query?: never } : { query?: Query });
type Answers<Body, Status extends number = 200> = {
  [status in Status]: { content: { "application/json": Body } };
} & { default: { content: { "application/problem+json": components["schemas"]["ProblemBody"] } } };
type Get<Path, Query, Answer> = { parameters: Params<Path, Query>; responses: Answers<Answer> };
type Send<Path, Body, Answer, Status extends number = 200> = {
  parameters: Params<Path>;
  requestBody: { content: { "application/json": Body } };
  responses: Answers<Answer, Status>;
};
type Do<Path, Answer, Status extends number = 200> = {
  parameters: Params<Path>;
  responses: Answers<Answer, Status>;
};
type S = components["schemas"];
type InRoom = { room: string };

export interface paths {
  "/api/me": { get: Get<never, never, S["Me"]> };
  "/api/people": { get: Get<never, { query: string }, S["PeopleList"]> };
  "/api/direct": { post: Send<never, S["NewDirect"], S["Room"], 200 | 201> };
  "/api/rooms": {
    get: Get<never, never, S["RoomList"]>;
    post: Send<never, S["NewRoom"], S["Room"], 201>;
  };
  "/api/rooms/directory": {
    get: Get<never, { query?: string; cursor?: string }, S["RoomList"]>;
  };
  "/api/rooms/{room}": {
    get: Get<InRoom, never, S["Room"]>;
    patch: Send<InRoom, S["ChangeRoom"], S["Room"]>;
  };
  "/api/rooms/{room}/join": { post: Do<InRoom, S["Room"]> };
  "/api/rooms/{room}/leave": { post: Do<InRoom, never, 204> };
  "/api/rooms/{room}/members": {
    get: Get<InRoom, { cursor?: string }, S["MemberList"]>;
    post: Send<InRoom, S["NewMember"], S["Invited"], 201 | 202>;
  };
  "/api/rooms/{room}/members/{person}": {
    patch: Send<InRoom & { person: string }, S["ChangeMember"], S["Member"]>;
    delete: Do<InRoom & { person: string }, never, 204>;
  };
  "/api/rooms/{room}/invitations": { get: Get<InRoom, never, S["InvitationList"]> };
  "/api/rooms/{room}/invitations/{id}": {
    delete: Do<InRoom & { id: string }, never, 204>;
  };
  "/api/rooms/{room}/invite-links": {
    post: Send<InRoom, S["NewInviteLink"], S["Invitation"], 201>;
  };
  "/api/invites/{token}": {
    get: Get<{ token: string }, never, S["InvitePreview"]>;
    post: Do<{ token: string }, S["Room"]>;
  };
  "/api/rooms/{room}/messages": {
    get: Get<
      InRoom,
      { before?: number; after?: number; around?: string; limit?: number },
      S["MessageList"]
    >;
  };
  "/api/rooms/{room}/messages/{client_message_id}": {
    put: Send<InRoom & { client_message_id: string }, S["PostMessage"], S["Message"], 200 | 201>;
  };
  "/api/rooms/{room}/messages/{message}": {
    patch: Send<InRoom & { message: string }, S["PostMessage"], S["Message"]>;
    delete: Do<InRoom & { message: string }, never, 204>;
  };
  "/api/rooms/{room}/events": {
    get: Get<InRoom, { after: number; limit?: number }, S["EventList"]>;
  };
  "/api/rooms/{room}/read": { put: Send<InRoom, S["ReadMarker"], never, 204> };
}

type EventPlace = { room: string; seq: number; id: string; created_at: string };

export interface components {
  schemas: {
    Person: { id: string; username: string; display_name: string };
    Me: { person: S["Person"]; email?: string; role: string; scopes: string[] };
    PeopleList: { items: S["Person"][] };
    RoomKind: "public" | "private" | "direct";
    RoomRole: "owner" | "moderator" | "member";
    Room: {
      id: string;
      kind: S["RoomKind"];
      name: string;
      topic: string;
      role?: S["RoomRole"];
      head: number;
      last_read: number;
      unread: number;
      members: number;
      created_at: string;
      last_message_at?: string;
      peer?: S["Person"];
      log_id: string;
    };
    RoomList: { items: S["Room"][]; next?: string };
    NewRoom: { kind: S["RoomKind"]; name: string; topic?: string };
    ChangeRoom: { kind?: S["RoomKind"]; name?: string; topic?: string };
    NewDirect: { username: string };
    Member: { person: S["Person"]; role: S["RoomRole"]; joined_at: string };
    MemberList: { items: S["Member"][]; next?: string };
    NewMember: { username: string };
    ChangeMember: { role: S["RoomRole"] };
    Invitation: {
      id: string;
      kind: "name" | "link";
      username?: string;
      url?: string;
      expires_at?: string;
      uses: number;
      uses_max?: number;
      created_at: string;
      created_by: S["Person"];
    };
    InvitationList: { items: S["Invitation"][] };
    NewInviteLink: { expires_in_s?: number; uses_max?: number };
    Invited:
      | { status: "joined"; member: S["Member"] }
      | { status: "pending"; invitation: S["Invitation"] };
    InvitePreview: { room: S["RoomPreview"]; invited_by: S["Person"] };
    RoomPreview: { id: string; name: string; kind: S["RoomKind"]; members: number };
    Message: {
      id: string;
      room: string;
      seq: number;
      sender: S["Person"];
      text?: string;
      time: string;
      created_at: string;
      client_message_id: string;
      revision: number;
      edited_at?: string;
      deleted: boolean;
    };
    PostMessage: { text: string };
    MessageList: { items: S["Message"][]; next?: number; has_older: boolean; has_newer: boolean };
    ReadMarker: { seq: number };
    RoomEvent:
      | ({ type: "message" } & S["Message"])
      | (EventPlace & {
          type: "messageEdited";
          message: string;
          text?: string;
          revision: number;
          edited_at?: string;
          deleted: boolean;
          actor: S["Person"];
        })
      | (EventPlace & {
          type: "messageDeleted";
          message: string;
          revision: number;
          actor: S["Person"];
        })
      | (EventPlace & {
          type: "memberJoined" | "memberChanged";
          person: S["Person"];
          role: S["RoomRole"];
          actor: S["Person"];
        })
      | (EventPlace & { type: "memberLeft"; person: S["Person"]; actor: S["Person"] })
      | (EventPlace & {
          type: "roomChanged";
          kind: S["RoomKind"];
          name: string;
          topic: string;
          actor: S["Person"];
        });
    EventList: { items: S["RoomEvent"][]; head: number; log_id: string; next?: number };
    ProblemBody: {
      type: string;
      kind: string;
      title: string;
      status: number;
      detail?: string;
      instance?: string;
      errors?: { field: string; kind: string }[];
    };
  };
}
