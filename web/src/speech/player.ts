/** The one player of the page: the message that was pressed last is heard, and no other. */
import { create } from "zustand";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Clip, Message } from "../api/types";
import { prefer, preferences } from "../kit/preferences";

/** Whoever is not told by the socket asks again. */
const ASK_AGAIN_MS = 2_000;

export type Phase = "idle" | "preparing" | "delayed" | "playing" | "paused" | "failed";

interface Player {
  readonly phase: Phase;
  readonly message: Message | undefined;
  /** Seconds. */
  readonly at: number;
  readonly length: number;
  /** Why it failed, if the server said. */
  readonly why: "too_large" | "conflict" | "unavailable" | "other" | undefined;
}

const nothing: Player = { phase: "idle", message: undefined, at: 0, length: 0, why: undefined };

export const usePlayer = create<Player>(() => nothing);

/** How many rows on the screen show the player; more than one where a thread is beside its room. */
export const useRows = create<{ rows: number }>(() => ({ rows: 0 }));
export const countRow = (by: 1 | -1) => useRows.setState(({ rows }) => ({ rows: rows + by }));

const state = () => usePlayer.getState();
const waits = () => state().phase === "preparing" || state().phase === "delayed";

/** Grows with each press, so that what an earlier one started ends. */
let turn = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let sound: HTMLAudioElement | undefined;
/** Where to go on by another link, until something was heard by it. */
let again: { readonly at: number; readonly paused: boolean } | undefined;
/** What is heard after this one. */
let coming: readonly Message[] = [];

/** Plays a message; the same again is a pause, or goes on. */
export function press(message: Message) {
  const { phase, message: former } = state();
  if (former?.id !== message.id || phase === "failed") return begin(message);
  if (phase === "playing") return sound?.pause();
  if (phase === "paused") void resume();
}

/** Plays messages one after the other. */
export function pressAll(messages: readonly Message[]) {
  const [first, ...rest] = messages;
  if (!first) return;
  begin(first);
  coming = rest;
}

/** Ends it, whatever it does. */
export function stop() {
  turn += 1;
  coming = [];
  again = undefined;
  clearTimeout(timer);
  silence();
  usePlayer.setState(nothing);
  session("none");
}

/** The server says how far a clip is. */
export function told(clip: Clip) {
  if (clip.message === state().message?.id && waits()) take(clip);
}

/** The message is not to be heard any more. */
export function withdrawn(message: string) {
  coming = coming.filter(({ id }) => id !== message);
  if (state().message?.id === message) goOn();
}

function goOn() {
  const rest = coming;
  stop();
  pressAll(rest);
}

export function seek(seconds: number) {
  if (!sound || !Number.isFinite(seconds)) return;
  sound.currentTime = Math.max(0, Math.min(seconds, state().length));
  usePlayer.setState({ at: sound.currentTime });
}

const rates = ["1", "1.25", "1.5", "2"] as const;

/** The next faster one; after the fastest, the first. */
export function nextRate() {
  const at = rates.indexOf(preferences().speechRate);
  prefer("speechRate", rates[(at + 1) % rates.length] ?? "1");
  if (sound) sound.playbackRate = Number(preferences().speechRate);
}

function begin(message: Message) {
  stop();
  usePlayer.setState({ ...nothing, phase: "preparing", message });
  void ask(turn);
}

async function ask(mine: number) {
  const { message } = state();
  if (!message) return;
  try {
    const clip = await api.speak(message.room, message.id);
    if (mine === turn && waits()) take(clip);
  } catch (error) {
    if (mine === turn && waits()) fail(asProblem(error).kind);
  }
}

/** A link ends after some minutes: whoever paused for longer goes on where they were. */
function renew({ currentTime: at }: HTMLAudioElement) {
  if (again) return fail("other");
  again = { at, paused: state().phase === "paused" };
  silence();
  usePlayer.setState({ phase: "preparing" });
  void ask(turn);
}

function take(clip: Clip) {
  clearTimeout(timer);
  if (clip.state === "ready" && clip.url) return void listen(clip.url, clip.duration_ms ?? 0);
  if (clip.state === "failed") return fail("unavailable");
  usePlayer.setState({ phase: clip.state === "delayed" ? "delayed" : "preparing" });
  const mine = turn;
  timer = setTimeout(() => void ask(mine), ASK_AGAIN_MS);
}

function fail(kind: string) {
  // Nothing can be said of pictures alone, for example.
  if (kind === "conflict" && coming.length > 0) return goOn();
  clearTimeout(timer);
  silence();
  const known = (["too_large", "conflict", "unavailable"] as const).find((one) => one === kind);
  usePlayer.setState({ phase: "failed", why: known ?? "other" });
}

async function listen(url: string, duration: number) {
  silence();
  const { at: from, paused } = again ?? { at: 0, paused: false };
  const audio = new Audio(url);
  sound = audio;
  audio.playbackRate = Number(preferences().speechRate);
  if (from > 0) audio.currentTime = from;
  const ours = (change: () => void) => () => void (sound === audio && change());
  audio.addEventListener(
    "timeupdate",
    ours(() => {
      if (audio.currentTime > from) again = undefined;
      usePlayer.setState({ at: audio.currentTime });
    }),
  );
  audio.addEventListener(
    "pause",
    ours(() => {
      usePlayer.setState({ phase: "paused" });
      session("paused");
    }),
  );
  audio.addEventListener("ended", ours(goOn));
  audio.addEventListener(
    "error",
    ours(() => renew(audio)),
  );
  usePlayer.setState({ at: from, length: duration / 1_000 });
  handleKeys();
  if (paused) usePlayer.setState({ phase: "paused" });
  else await resume();
}

async function resume() {
  const audio = sound;
  if (!audio) return;
  try {
    await audio.play();
    if (sound !== audio) return;
    usePlayer.setState({ phase: "playing" });
    session("playing");
  } catch (error) {
    // A browser that wants a press for it gets one; anything else is told by the element.
    if (sound === audio && error instanceof DOMException && error.name === "NotAllowedError")
      usePlayer.setState({ phase: "paused" });
  }
}

function silence() {
  const audio = sound;
  sound = undefined;
  audio?.pause();
  audio?.removeAttribute("src");
}

/** The keys of keyboards and headphones, and what the system shows of it. */
function handleKeys() {
  const { message } = state();
  if (!("mediaSession" in navigator) || !message) return;
  navigator.mediaSession.metadata = new MediaMetadata({ title: message.sender.display_name });
  navigator.mediaSession.setActionHandler("play", () => void resume());
  navigator.mediaSession.setActionHandler("pause", () => sound?.pause());
  navigator.mediaSession.setActionHandler("stop", stop);
  navigator.mediaSession.setActionHandler("seekto", ({ seekTime = 0 }) => seek(seekTime));
}

function session(now: MediaSessionPlaybackState) {
  if ("mediaSession" in navigator) navigator.mediaSession.playbackState = now;
}
