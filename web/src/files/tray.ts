/**
 * Files that wait beside a draft: sent to the server as soon as they are chosen, by the tus
 * protocol, which goes on after a cut.
 */
import type { Upload } from "tus-js-client";
import { create } from "zustand";
import { uuidV7 } from "../kit/uuid";

export const FILES_MAX = 10;
const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000];

export interface Sending {
  readonly key: string;
  /** The draft that it is beside. */
  readonly draft: string;
  readonly room: string;
  readonly file: File;
  readonly state: "sending" | "ready" | "failed";
  /** Bytes. */
  readonly sent: number;
  readonly since: number;
  /** Of the picture, in this page alone. */
  readonly preview?: string;
  /** Of the picture, as the browser shows it. */
  readonly width?: number;
  readonly height?: number;
  /** The server's name for it, once all is there. */
  readonly id?: string;
  /** Kind of the problem, when failed. */
  readonly reason?: string;
}

export const useTray = create<{ items: readonly Sending[] }>(() => ({ items: [] }));

const uploads = new Map<string, Upload>();

/** Puts files beside a draft and begins to send them; false when they are too many. */
export function addFiles(draft: string, room: string, files: readonly File[]): boolean {
  const { items } = useTray.getState();
  const there = items.filter((item) => item.draft === draft).length;
  const taken = files.slice(0, Math.max(FILES_MAX - there, 0));
  const added = taken.map((file): Sending => {
    const preview = isShown(file) ? URL.createObjectURL(file) : undefined;
    const state = "sending" as const;
    return { key: uuidV7(), draft, room, file, state, sent: 0, since: Date.now(), preview };
  });
  useTray.setState({ items: [...items, ...added] });
  for (const item of added) void send(item);
  return taken.length === files.length;
}

/** Takes a file back, here and at the server. */
export function cancel(key: string) {
  const upload = uploads.get(key);
  forget([key]);
  void upload?.abort(true).catch(() => undefined);
}

/** Sends a file again that failed. */
export function retry(key: string) {
  const item = useTray.getState().items.find((other) => other.key === key);
  if (!item) return;
  change(key, { state: "sending", sent: 0, since: Date.now(), reason: undefined });
  void send(item);
}

/** The files beside `draft` that are there go with its message. */
export function take(draft: string): readonly Sending[] {
  const taken = useTray
    .getState()
    .items.filter((item) => item.draft === draft && item.state === "ready");
  forget(taken.map(({ key }) => key));
  return taken;
}

/** How large a picture is, so that its message has its place at once. */
export const measure = (key: string, width: number, height: number) =>
  change(key, { width, height });

async function send(item: Sending) {
  const { key, file, room } = item;
  try {
    const { Upload } = await import("tus-js-client");
    if (!useTray.getState().items.some((other) => other.key === key)) return;
    const upload = new Upload(file, {
      endpoint: `/api/rooms/${room}/uploads`,
      headers: { "X-Tertulia-Csrf": "1" },
      metadata: { filename: file.name },
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onProgress: (sent) => change(key, { sent }),
      onError: (error) => {
        const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
        change(key, { state: "failed", reason: kindOf(body) });
      },
      onSuccess: () => {
        const id = upload.url?.split("/").pop();
        change(key, { state: "ready", sent: file.size, id });
      },
    });
    uploads.set(key, upload);
    upload.start();
  } catch {
    change(key, { state: "failed" });
  }
}

function change(key: string, by: Partial<Sending>) {
  useTray.setState(({ items }) => ({
    items: items.map((item) => (item.key === key ? { ...item, ...by } : item)),
  }));
}

function forget(keys: readonly string[]) {
  const { items } = useTray.getState();
  for (const { key, preview } of items) {
    if (!keys.includes(key)) continue;
    uploads.delete(key);
    if (preview) URL.revokeObjectURL(preview);
  }
  useTray.setState({ items: items.filter(({ key }) => !keys.includes(key)) });
}

/** What any browser shows in an `img`, and no script can be in. */
const isShown = ({ type }: File) => /^image\/(jpeg|png|gif|webp)$/.test(type);

function kindOf(body: string | undefined): string | undefined {
  try {
    return (JSON.parse(body ?? "") as { kind?: string }).kind;
  } catch {
    return undefined;
  }
}
