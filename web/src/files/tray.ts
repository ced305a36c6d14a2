/**
 * Files that wait beside a draft: sent to the server as soon as they are chosen, by the tus
 * protocol, which goes on after a cut. They stay through a reload of the page: what is whole at the
 * server is as it was, and what was cut goes on when the same file is chosen again.
 */
import type { Upload } from "tus-js-client";
import { create } from "zustand";
import { uuidV7 } from "../kit/uuid";
import { takeTurns } from "./turns";

export const FILES_MAX = 10;
/** The server takes six parts of one person at a time, from all their tabs. */
const AT_ONCE = 4;
const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000];
const CSRF = { "X-Tertulia-Csrf": "1" };

export interface Sending {
  readonly key: string;
  /** The draft that it is beside. */
  readonly draft: string;
  readonly room: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** When it was changed: with name and size it tells the same file from another. */
  readonly changed: number;
  /** Absent after a reload, which takes it away. */
  readonly file?: File;
  readonly state: "sending" | "ready" | "failed" | "cut";
  /** Bytes. */
  readonly sent: number;
  readonly since: number;
  /** Address of the picture; of the page's own file, if it has that. */
  readonly preview?: string;
  /** Of the picture, as the browser shows it. */
  readonly width?: number;
  readonly height?: number;
  /** The server's name for it, once it knows of it. */
  readonly id?: string;
  /** Kind of the problem, when failed. */
  readonly reason?: string;
}

/** What sends the message of a draft with its files. */
type Post = (files: readonly Sending[]) => void;

export const useTray = create<{
  items: readonly Sending[];
  /** By draft, what goes when its files are there. */
  wanted: Readonly<Record<string, Post>>;
}>(() => ({ items: [], wanted: {} }));

const uploads = new Map<string, Upload>();
const turns = takeTurns(AT_ONCE, send);

/** Has the message of `draft` sent once nothing beside it is on its way, whatever is looked at. */
export function wish(draft: string, post: Post) {
  useTray.setState(({ wanted }) => ({ wanted: { ...wanted, [draft]: post } }));
  fulfil();
}

/** Sends what is wished and has its files. */
function fulfil() {
  const { items, wanted } = useTray.getState();
  for (const [draft, post] of Object.entries(wanted)) {
    if (items.some((item) => item.draft === draft && item.state === "sending")) continue;
    useTray.setState(({ wanted: { [draft]: _done, ...others } }) => ({ wanted: others }));
    post(take(draft));
  }
}

/** Puts files beside a draft and begins to send them; false when they are too many. */
export function addFiles(draft: string, room: string, files: readonly File[]): boolean {
  const fresh = files.filter((file) => !goOn(draft, file));
  const { items } = useTray.getState();
  const there = items.filter((item) => item.draft === draft).length;
  const taken = fresh.slice(0, Math.max(FILES_MAX - there, 0));
  const added = taken.map((file): Sending => {
    const { name, type, size: bytes, lastModified: changed } = file;
    return { key: uuidV7(), draft, room, name, type, bytes, changed, ...begun(file), sent: 0 };
  });
  useTray.setState({ items: [...items, ...added] });
  for (const item of added) turns.add(item);
  return taken.length === fresh.length;
}

/** Goes on with a file that was cut, if it is this one. */
function goOn(draft: string, file: File): boolean {
  const { items } = useTray.getState();
  const cut = items.find(
    (item) =>
      item.draft === draft &&
      item.state === "cut" &&
      item.name === file.name &&
      item.bytes === file.size &&
      item.changed === file.lastModified,
  );
  if (!cut) return false;
  change(cut.key, begun(file));
  turns.add({ ...cut, file });
  return true;
}

const begun = (file: File) => ({
  file,
  state: "sending" as const,
  since: Date.now(),
  preview: isShown(file) ? URL.createObjectURL(file) : undefined,
});

/** Takes a file back, here and at the server. */
export function cancel(key: string) {
  const id = useTray.getState().items.find((item) => item.key === key)?.id;
  // One that the server was just told of has a name there that nobody knows yet: it is waited for.
  if (id) void uploads.get(key)?.abort().catch(() => undefined);
  forget([key]);
  if (id) void giveUp(id).catch(() => undefined);
}

async function giveUp(id: string) {
  const { Upload } = await import("tus-js-client");
  await Upload.terminate(placeOf(id), { headers: CSRF, retryDelays: RETRY_MS });
}

/** Sends a file again that failed. */
export function retry(key: string) {
  const item = useTray.getState().items.find((other) => other.key === key);
  if (!item) return;
  change(key, { state: "sending", sent: 0, since: Date.now(), reason: undefined });
  turns.add(item);
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

/** Keeps what waits in this tab from now on, and brings back what waited before a reload. */
export function keepTray(person: string) {
  const place = `tertulia.tray.${person}`;
  const known = new Set(useTray.getState().items.map(({ key }) => key));
  const stored = parsed(sessionStorage.getItem(place)).filter(({ key }) => !known.has(key));
  const items = stored.map(wokenUp);
  useTray.setState((now) => ({ items: [...items, ...now.items] }));
  const end = useTray.subscribe((now) => {
    const kept = now.items
      .filter(({ reason }) => !reason)
      .map(({ file: _file, preview: _preview, sent: _sent, ...rest }) => rest);
    sessionStorage.setItem(place, JSON.stringify(kept));
  });
  for (const { key, id } of items) if (id) void lookFor(key, id);
  return () => {
    end();
    useTray.setState({ wanted: {} });
  };
}

/** Forgets what waits, and ends what is being sent. */
export function forgetTray() {
  useTray.setState({ wanted: {} });
  for (const upload of uploads.values()) void upload.abort().catch(() => undefined);
  forget(useTray.getState().items.map(({ key }) => key));
}

function wokenUp(item: Sending): Sending {
  if (item.state !== "ready" || !item.id) return { ...item, state: "cut", sent: 0 };
  return { ...item, sent: item.bytes, preview: thumbnailOf(item) };
}

const thumbnailOf = (item: Sending) =>
  isShown(item) ? `/api/files/${item.id}/thumbnail` : undefined;

/**
 * The server may have all of it, or nothing any more. What the page from before the reload sent may
 * still arrive: it is looked for until no more comes. While it becomes a file the answer is 409.
 */
async function lookFor(key: string, id: string, before = -1, [wait, ...waits] = RETRY_MS) {
  const asked = fetch(placeOf(id), { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } });
  const answer = await asked.catch(() => undefined);
  const item = useTray.getState().items.find((other) => other.key === key);
  if (!item || item.file) return;
  const sent = answer?.ok ? Number(answer.headers.get("Upload-Offset")) : before;
  if (answer?.ok && sent === item.bytes)
    return change(key, { state: "ready", sent, preview: thumbnailOf(item) });
  if (answer?.status === 404) return change(key, { state: "cut", sent: 0, id: undefined });
  if (answer?.ok) change(key, { sent });
  const ended = answer?.ok ? sent === before : answer && answer.status !== 409;
  if (ended || wait === undefined) return;
  await new Promise((resolve) => setTimeout(resolve, wait));
  await lookFor(key, id, sent, waits);
}

function parsed(text: string | null): Sending[] {
  try {
    return JSON.parse(text ?? "[]") as Sending[];
  } catch {
    return [];
  }
}

async function send(item: Sending): Promise<void> {
  const { key, file, room, name, id } = item;
  if (!file) return turns.end(key);
  if (file.size === 0) {
    turns.end(key);
    return change(key, { state: "failed", reason: "empty" });
  }
  try {
    const { Upload } = await import("tus-js-client");
    if (!isWanted(key)) return turns.end(key);
    const upload: Upload = new Upload(file, {
      endpoint: `/api/rooms/${room}/uploads`,
      uploadUrl: id && placeOf(id),
      headers: CSRF,
      metadata: { filename: name },
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onShouldRetry: ({ originalResponse }) => mayPass(originalResponse?.getStatus(), upload.url),
      onUploadUrlAvailable: () => {
        const named = upload.url?.split("/").pop();
        if (isWanted(key)) return change(key, { id: named });
        void upload.abort().catch(() => undefined);
        if (named) void giveUp(named).catch(() => undefined);
      },
      onProgress: (sent) => change(key, { sent }),
      onError: (error) => {
        if (waitsForNetwork(() => isWanted(key) && upload.start())) return;
        turns.end(key);
        const body = "originalResponse" in error ? error.originalResponse?.getBody() : undefined;
        change(key, { state: "failed", reason: reasonOf(body) });
      },
      onSuccess: () => {
        turns.end(key);
        change(key, { state: "ready", sent: file.size });
      },
    });
    uploads.set(key, upload);
    upload.start();
  } catch {
    if (waitsForNetwork(() => void send(item))) return;
    turns.end(key);
    change(key, { state: "failed" });
  }
}

/** Without a network a file is on its way until there is one, and so is the message it is for. */
function waitsForNetwork(goOn: () => void): boolean {
  if (!navigator.onLine) addEventListener("online", goOn, { once: true });
  return !navigator.onLine;
}

const isWanted = (key: string) => useTray.getState().items.some((item) => item.key === key);

function change(key: string, by: Partial<Sending>) {
  useTray.setState(({ items }) => ({
    items: items.map((item) => (item.key === key ? { ...item, ...by } : item)),
  }));
  fulfil();
}

function forget(keys: readonly string[]) {
  const { items } = useTray.getState();
  for (const { key, preview } of items) {
    if (!keys.includes(key)) continue;
    uploads.delete(key);
    turns.end(key);
    if (preview) URL.revokeObjectURL(preview);
  }
  useTray.setState({ items: items.filter(({ key }) => !keys.includes(key)) });
  fulfil();
}

/** What any browser shows in an `img`, and no script can be in. */
const isShown = ({ type }: Pick<Sending, "type">) => /^image\/(jpeg|png|gif|webp)$/.test(type);

const placeOf = (id: string) => `/api/uploads/${id}`;

/**
 * An upload that was begun may be in conflict with its own last part; a new one is refused. Too
 * many at a time are fewer soon.
 */
function mayPass(status = 0, url: string | null): boolean {
  if (!navigator.onLine) return false;
  const passes = status < 400 || status >= 500 || status === 423 || status === 429;
  return passes || (status === 409 && url !== null);
}

function reasonOf(body: string | undefined): string | undefined {
  try {
    return (JSON.parse(body ?? "") as { kind?: string }).kind;
  } catch {
    return undefined;
  }
}
