/** The HTTP API as functions: each answers with the body or throws a `Problem`. */
import createClient from "openapi-fetch";
import { problemFrom, unreachable } from "./problem";
import type { paths } from "./schema";
import type {
  ChangeRoom,
  LinkPreview,
  NewPushDevice,
  NewRoom,
  NoticeChoices,
  PostMessage,
  PresenceChoice,
  PutMailNotices,
  PutRoomNotices,
  RoomRole,
} from "./types";

type Client = ReturnType<typeof createClient<paths>>;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const signedOut = new Set<() => void>();

/** Calls `listener` when the server says that there is no session any more. */
export function onSignedOut(listener: () => void) {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request.catch((cause: unknown) => {
    throw unreachable(cause instanceof Error ? cause.message : undefined);
  });
  if (response.ok) return data as T;
  if (response.status === 401) signedOut.forEach((listener) => listener());
  throw problemFrom(response, error);
}

const inRoom = (room: string) => ({ params: { path: { room } } });

const ofMessage = (room: string, message: string) => ({ params: { path: { room, message } } });
const SAVED = "/api/rooms/{room}/messages/{message}/saved";
const REACTION = "/api/rooms/{room}/messages/{message}/reactions/{emoji}";

const roomRequests = (client: Client) => ({
  me: (signal?: AbortSignal) => answer(client.GET("/api/me", { signal })),
  putPicture: (picture: Blob) =>
    answer(
      client.PUT("/api/me/picture", {
        body: picture as never, // As it is; only its schema says that it is a list of numbers.
        bodySerializer: (body: unknown) => body as Blob,
        headers: { "Content-Type": "application/octet-stream" },
      }),
    ),
  removePicture: () => answer(client.DELETE("/api/me/picture")),
  people: (query: string, signal?: AbortSignal, page?: { cursor?: string; limit: number }) =>
    answer(client.GET("/api/people", { params: { query: { query, ...page } }, signal })),
  person: (person: string) =>
    answer(client.GET("/api/people/{person}", { params: { path: { person } } })),
  sharedRooms: (person: string, cursor?: string) =>
    answer(
      client.GET("/api/people/{person}/rooms", { params: { path: { person }, query: { cursor } } }),
    ),
  direct: (username: string) => answer(client.POST("/api/direct", { body: { username } })),

  rooms: () => answer(client.GET("/api/rooms")),
  room: (room: string) => answer(client.GET("/api/rooms/{room}", inRoom(room))),
  directory: (query: string, cursor?: string) =>
    answer(client.GET("/api/rooms/directory", { params: { query: { query, cursor } } })),
  createRoom: (body: NewRoom) => answer(client.POST("/api/rooms", { body })),
  changeRoom: (room: string, body: ChangeRoom) =>
    answer(client.PATCH("/api/rooms/{room}", { ...inRoom(room), body })),
  joinRoom: (room: string) => answer(client.POST("/api/rooms/{room}/join", inRoom(room))),
  leaveRoom: (room: string) => answer(client.POST("/api/rooms/{room}/leave", inRoom(room))),

  members: (room: string, cursor?: string, query?: string) =>
    answer(
      client.GET("/api/rooms/{room}/members", {
        params: { path: { room }, query: { cursor, query } },
      }),
    ),
  invite: (room: string, username: string) =>
    answer(client.POST("/api/rooms/{room}/members", { ...inRoom(room), body: { username } })),
  changeMember: (room: string, person: string, role: RoomRole) =>
    answer(
      client.PATCH("/api/rooms/{room}/members/{person}", {
        params: { path: { room, person } },
        body: { role },
      }),
    ),
  removeMember: (room: string, person: string) =>
    answer(
      client.DELETE("/api/rooms/{room}/members/{person}", { params: { path: { room, person } } }),
    ),

  invitations: (room: string) => answer(client.GET("/api/rooms/{room}/invitations", inRoom(room))),
  createInviteLink: (room: string) =>
    answer(client.POST("/api/rooms/{room}/invite-links", { ...inRoom(room), body: {} })),
  withdrawInvitation: (room: string, id: string) =>
    answer(
      client.DELETE("/api/rooms/{room}/invitations/{invitation}", {
        params: { path: { room, invitation: id } },
      }),
    ),
  invitePreview: (token: string) =>
    answer(client.GET("/api/invites/{token}", { params: { path: { token } } })),
  acceptInvite: (token: string) =>
    answer(client.POST("/api/invites/{token}", { params: { path: { token } } })),
});

const messageRequests = (client: Client) => ({
  messages: (room: string, page: MessagePage) =>
    answer(client.GET("/api/rooms/{room}/messages", { params: { path: { room }, query: page } })),
  events: (room: string, after: number, limit: number) =>
    answer(
      client.GET("/api/rooms/{room}/events", {
        params: { path: { room }, query: { after, limit } },
      }),
    ),
  postMessage: (room: string, id: string, body: PostMessage, signal?: AbortSignal) =>
    answer(
      client.PUT("/api/rooms/{room}/messages/{message}", {
        params: { path: { room, message: id } },
        body,
        signal,
      }),
    ),
  message: (room: string, message: string) =>
    answer(client.GET("/api/rooms/{room}/messages/{message}", ofMessage(room, message))),
  revisions: (room: string, message: string) =>
    answer(client.GET("/api/rooms/{room}/messages/{message}/revisions", ofMessage(room, message))),
  editMessage: (room: string, message: string, text: string) =>
    answer(
      client.PATCH("/api/rooms/{room}/messages/{message}", {
        ...ofMessage(room, message),
        body: { text },
      }),
    ),
  deleteMessage: (room: string, message: string) =>
    answer(
      client.DELETE("/api/rooms/{room}/messages/{message}", {
        ...ofMessage(room, message),
        keepalive: true, // Also asked for when the page is left.
      }),
    ),
  previews: () => answer(client.GET("/api/previews")),
  /** What is behind the first link; undefined when nothing is to be shown. */
  preview: (room: string, message: string) =>
    answer<LinkPreview | undefined>(
      client.GET("/api/rooms/{room}/messages/{message}/preview", ofMessage(room, message)),
    ),
  speech: () => answer(client.GET("/api/speech")),
  speak: (room: string, message: string) =>
    answer(
      client.POST("/api/rooms/{room}/messages/{message}/speech", ofMessage(room, message)),
    ),
  markRead: (room: string, seq: number) =>
    answer(client.PUT("/api/rooms/{room}/read", { ...inRoom(room), body: { seq } })),
  /** From `seq` on, the room is unread again. */
  markUnread: (room: string, seq: number) =>
    answer(client.PUT("/api/rooms/{room}/unread", { ...inRoom(room), body: { seq } })),
  unread: () => answer(client.GET("/api/unread")),

  addReaction: (room: string, message: string, emoji: string) =>
    answer(client.PUT(REACTION, { params: { path: { room, message, emoji } } })),
  removeReaction: (room: string, message: string, emoji: string) =>
    answer(client.DELETE(REACTION, { params: { path: { room, message, emoji } } })),
});

/** What waits for me, and what I began to write. */
const ownRequests = (client: Client) => ({
  threads: (cursor?: string) =>
    answer(client.GET("/api/threads", { params: { query: { cursor } } })),
  thread: (room: string, message: string, page: MessagePage) =>
    answer(
      client.GET("/api/rooms/{room}/threads/{message}", {
        params: { path: { room, message }, query: page },
      }),
    ),
  followThread: (room: string, message: string) =>
    answer(client.PUT("/api/rooms/{room}/threads/{message}/follow", ofMessage(room, message))),
  unfollowThread: (room: string, message: string) =>
    answer(client.DELETE("/api/rooms/{room}/threads/{message}/follow", ofMessage(room, message))),
  markThreadRead: (room: string, message: string, seq: number) =>
    answer(
      client.PUT("/api/rooms/{room}/threads/{message}/read", {
        ...ofMessage(room, message),
        body: { seq },
      }),
    ),

  inbox: (unread: boolean, cursor?: string) =>
    answer(client.GET("/api/mentions", { params: { query: { unread, cursor } } })),
  readMention: (message: string) =>
    answer(client.PUT("/api/mentions/{message}/read", { params: { path: { message } } })),
  readInbox: (until?: string) =>
    answer(client.POST("/api/mentions/read", { params: { query: { until } } })),
  receivedReactions: (cursor?: string) =>
    answer(client.GET("/api/reactions", { params: { query: { cursor } } })),
  /** I have looked at them up to `until`. */
  readReactions: (until: string) =>
    answer(client.POST("/api/reactions/read", { params: { query: { until } } })),

  presenceChoice: () => answer(client.GET("/api/me/presence")),
  choosePresence: (body: PresenceChoice) => answer(client.PUT("/api/me/presence", { body })),

  notices: () => answer(client.GET("/api/me/notices")),
  chooseRoomNotices: (room: string, body: PutRoomNotices) =>
    answer(client.PUT("/api/rooms/{room}/notices", { ...inRoom(room), body })),
  chooseNotices: (body: NoticeChoices) => answer(client.PUT("/api/me/notices", { body })),

  mailNotices: () => answer(client.GET("/api/me/notices/mail")),
  chooseMail: (body: PutMailNotices) =>
    answer(client.PUT("/api/me/notices/mail", { body })),
  push: () => answer(client.GET("/api/me/push")),
  addPushDevice: (body: NewPushDevice) => answer(client.POST("/api/me/push", { body })),
  endPushDevice: (device: string) =>
    answer(client.DELETE("/api/me/push/{device}", { params: { path: { device } } })),

  saved: (cursor?: string, limit?: number) =>
    answer(client.GET("/api/saved", { params: { query: { cursor, limit } } })),
  saveMessage: (room: string, message: string, undo?: true) =>
    answer(client.PUT(SAVED, { params: { path: { room, message }, query: { undo } } })),
  unsaveMessage: (room: string, message: string) =>
    answer(client.DELETE(SAVED, ofMessage(room, message))),

  drafts: () => answer(client.GET("/api/drafts")),
  putDraft: (room: string, thread: string | undefined, text: string) =>
    thread
      ? answer(
          client.PUT("/api/rooms/{room}/threads/{message}/draft", {
            ...ofMessage(room, thread),
            body: { text },
          }),
        )
      : answer(client.PUT("/api/rooms/{room}/draft", { ...inRoom(room), body: { text } })),
});

const requests = (client: Client) => ({
  ...roomRequests(client),
  ...messageRequests(client),
  ...ownRequests(client),
});

export interface MessagePage {
  before?: number;
  after?: number;
  around?: string;
  limit?: number;
}

export type Api = ReturnType<typeof requests>;

/** The API at `baseUrl`; the session is the browser's cookie unless `headers` say otherwise. */
export const createApi = (baseUrl: string, headers: Record<string, string> = {}): Api =>
  requests(
    createClient<paths>({
      baseUrl,
      credentials: "same-origin",
      headers: { "X-Tertulia-Csrf": "1", ...headers },
    }),
  );

export const api = createApi(globalThis.location?.origin ?? "");

/** Ends the session here; answers with the address that ends it at the identity service. */
export async function signOut(): Promise<string> {
  const response = await fetch("/auth/logout", {
    method: "POST",
    headers: { "X-Tertulia-Csrf": "1", Accept: "application/json" },
  });
  if (!response.ok) throw problemFrom(response, await response.json().catch(() => undefined));
  const body = (await response.json()) as { logout_url?: string };
  return body.logout_url ?? "/";
}
