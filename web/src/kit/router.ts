/** The few addresses of this client, and moving between them without reloading. */
import { useSyncExternalStore } from "react";
import { move, onMoved } from "./history";

export type Route =
  | { page: "home" }
  | { page: "room"; room: string; message?: string; thread?: string }
  | { page: "inbox"; tab: "all" | "unread" | "reactions" | "threads" }
  | { page: "drafts" | "saved" }
  | { page: "browse" }
  | { page: "people"; person: string | undefined }
  | { page: "you" }
  | { page: "invite"; token: string }
  | { page: "unknown" };

export const paths = {
  home: "/",
  browse: "/browse",
  drafts: "/drafts",
  saved: "/saved",
  people: "/people",
  person: (person: string) => `/people/${person}`,
  you: "/you",
  room: (room: string) => `/r/${room}`,
  message: (room: string, message: string) => `/r/${room}/m/${message}`,
  inbox: "/inbox",
  inboxUnread: "/inbox/unread",
  reactions: "/inbox/reactions",
  threads: "/threads",
  thread: (room: string, root: string) => `/r/${room}/t/${root}`,
  threadMessage: (room: string, root: string, message: string) =>
    `/r/${room}/t/${root}/m/${message}`,
  invite: (token: string) => `/invite/${encodeURIComponent(token)}`,
};

export function parseRoute(path: string): Route {
  const parts = path.split("/").filter(Boolean);
  const [first, second] = parts;
  if (!first) return { page: "home" };
  if (first === "browse" && parts.length === 1) return { page: "browse" };
  if (path === paths.inbox) return { page: "inbox", tab: "all" };
  if (path === paths.inboxUnread) return { page: "inbox", tab: "unread" };
  if (path === paths.reactions) return { page: "inbox", tab: "reactions" };
  if (path === paths.threads) return { page: "inbox", tab: "threads" };
  if ((first === "drafts" || first === "saved") && parts.length === 1) return { page: first };
  if (first === "people" && parts.length < 3) return { page: "people", person: second };
  if (first === "you" && parts.length === 1) return { page: "you" };
  if (first === "invite" && second && parts.length === 2) return inviteRoute(second);
  if (first === "r" && second) return roomRoute(second, parts.slice(2));
  return { page: "unknown" };
}

/** A room, one of its messages, one of its threads, or a reply in it. */
function roomRoute(room: string, [kind, id, more, reply, ...rest]: string[]): Route {
  if (!kind) return { page: "room", room };
  if (!id || rest.length > 0) return { page: "unknown" };
  if (kind === "m" && !more) return { page: "room", room, message: id };
  if (kind === "t" && !more) return { page: "room", room, thread: id };
  if (kind === "t" && more === "m" && reply)
    return { page: "room", room, thread: id, message: reply };
  return { page: "unknown" };
}

function inviteRoute(part: string): Route {
  try {
    return { page: "invite", token: decodeURIComponent(part) };
  } catch {
    return { page: "unknown" };
  }
}

export const navigate = (path: string, { replace = false }: { replace?: boolean } = {}) =>
  move(path, replace);

export const usePath = () => useSyncExternalStore(onMoved, () => location.pathname);
export const useRoute = () => parseRoute(usePath());
