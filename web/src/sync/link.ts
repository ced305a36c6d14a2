/** The socket to the server: connecting, staying connected, asking and being told. */
import { io, type Socket } from "socket.io-client";
import { Problem, problemFromAck, unreachable } from "../api/problem";
import { backoffMs } from "../kit/backoff";

export interface LinkListener {
  live(): void;
  lost(): void;
  /** An attempt failed; `attempt` counts from 1. */
  trying(attempt: number): void;
  /** The server ended or refused the connection: the session may be over. */
  refused(): void;
  event(name: string, payload: unknown): void;
}

export interface Link {
  readonly live: boolean;
  /** Asks and waits for the acknowledgement; throws a `Problem`. */
  request<T>(name: string, payload: object, timeoutMs?: number): Promise<T>;
  /** Tells without waiting, only if connected. */
  hint(name: string, payload: object): void;
  start(): void;
  retryNow(): void;
  /** Connects anew even if connected: the network under it may be another one. */
  renew(): void;
  stop(): void;
}

interface Ack {
  ok: boolean;
  problem?: unknown;
}

const isAck = (value: unknown): value is Ack =>
  typeof value === "object" && value !== null && "ok" in value;

export interface LinkPlace {
  url: string;
  headers?: Record<string, string>;
}

/** Connects to where the page came from, or to `place`. */
export function openLink(listener: LinkListener, place?: LinkPlace): Link {
  const options = {
    // Long-polling only where WebSocket is blocked; there the header tells who asks.
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    extraHeaders: { "X-Tertulia-Csrf": "1", ...place?.headers },
    path: "/socket.io",
    autoConnect: false,
    withCredentials: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8000,
    randomizationFactor: 0.5,
    timeout: 10_000,
  };
  const socket: Socket = place ? io(place.url, { ...options, forceNew: true }) : io(options);
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = true;

  const tryLater = () => {
    clearTimeout(timer);
    timer = setTimeout(() => !stopped && socket.connect(), backoffMs(attempt));
  };
  const failed = () => {
    attempt += 1;
    listener.trying(attempt);
  };

  socket.on("connect", () => {
    attempt = 0;
    clearTimeout(timer);
    listener.live();
  });
  socket.on("disconnect", (reason) => {
    listener.lost();
    if (reason !== "io server disconnect" || stopped) return;
    listener.refused();
    failed();
    tryLater();
  });
  socket.on("connect_error", () => {
    failed();
    if (socket.active || stopped) return; // Active: socket.io tries again by itself.
    listener.refused();
    tryLater();
  });
  socket.io.on("reconnect_attempt", (count) => listener.trying(Math.max(count, attempt)));
  socket.onAny((name: string, payload: unknown) => listener.event(name, payload));

  return {
    get live() {
      return socket.connected;
    },
    async request<T>(name: string, payload: object, timeoutMs = 10_000) {
      if (!socket.connected) throw unreachable();
      const ack: unknown = await socket
        .timeout(timeoutMs)
        .emitWithAck(name, payload)
        .catch(() => {
          throw new Problem({ kind: "timeout", title: "No answer in time", status: 0 });
        });
      if (isAck(ack) && ack.ok) return ack as T;
      throw problemFromAck(isAck(ack) ? ack.problem : undefined);
    },
    hint(name, payload) {
      if (socket.connected) socket.volatile.emit(name, payload, () => undefined);
    },
    start() {
      stopped = false;
      socket.connect();
    },
    retryNow() {
      if (stopped || socket.connected) return;
      clearTimeout(timer);
      // A transport that hangs would be waited for until its timeout.
      socket.disconnect().connect();
    },
    renew() {
      if (!stopped) socket.disconnect().connect();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      socket.disconnect();
    },
  };
}
