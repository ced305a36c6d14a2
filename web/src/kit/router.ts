/** The few addresses of this client, and moving between them without reloading. */
import { useSyncExternalStore } from "react";

export type Route =
  | { page: "home" }
  | { page: "room"; room: string; message?: string }
  | { page: "browse" }
  | { page: "you" }
  | { page: "invite"; token: string }
  | { page: "unknown" };

export const paths = {
  home: "/",
  browse: "/browse",
  you: "/you",
  room: (room: string) => `/r/${room}`,
  message: (room: string, message: string) => `/r/${room}/m/${message}`,
  invite: (token: string) => `/invite/${encodeURIComponent(token)}`,
};

export function parseRoute(path: string): Route {
  const parts = path.split("/").filter(Boolean);
  const [first, second, third, fourth] = parts;
  if (!first) return { page: "home" };
  if (first === "browse" && parts.length === 1) return { page: "browse" };
  if (first === "you" && parts.length === 1) return { page: "you" };
  if (first === "invite" && second && parts.length === 2) return inviteRoute(second);
  if (first === "r" && second && parts.length === 2) return { page: "room", room: second };
  if (first === "r" && second && third === "m" && fourth && parts.length === 4)
    return { page: "room", room: second, message: fourth };
  return { page: "unknown" };
}

function inviteRoute(part: string): Route {
  try {
    return { page: "invite", token: decodeURIComponent(part) };
  } catch {
    return { page: "unknown" };
  }
}

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

export function navigate(path: string, options: { replace?: boolean } = {}) {
  if (options.replace) history.replaceState(null, "", path);
  else if (path !== location.pathname) history.pushState(null, "", path);
  tell();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

export const usePath = () => useSyncExternalStore(subscribe, () => location.pathname);
export const useRoute = () => parseRoute(usePath());
