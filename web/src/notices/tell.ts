/** What the page itself tells of calls and direct messages, while somebody looks at it. */
import type { QueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { navigate } from "../kit/router";
import { preferences } from "../kit/preferences";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { wantsCall } from "./wants";

const NOTES_HZ = [660, 880];
const NOTE_S = 0.12;
const LOUDNESS = 0.08;

/** The choices change only where we hear of it. */
const asked = { queryKey: ["notices"], queryFn: () => api.notices(), staleTime: Infinity };

/** Two short notes; the browser may refuse before the first click. */
function chime() {
  const context = new AudioContext();
  const loudness = context.createGain();
  loudness.gain.value = LOUDNESS;
  loudness.connect(context.destination);
  NOTES_HZ.forEach((hertz, index) => {
    const note = context.createOscillator();
    note.frequency.value = hertz;
    note.connect(loudness);
    note.start(context.currentTime + index * NOTE_S);
    note.stop(context.currentTime + (index + 1) * NOTE_S);
    if (index === NOTES_HZ.length - 1) note.addEventListener("ended", () => void context.close());
  });
}

/** Says `text` with a way to `path`, unless nobody looks or its person wants quiet. */
export async function tellOf(queries: QueryClient, room: string, text: string, path: string) {
  if (!document.hasFocus()) return;
  const choices = await queries.fetchQuery(asked);
  if (!wantsCall(choices, room, new Date())) return;
  toast(text, undefined, { label: m.go_to_message(), run: () => navigate(path) });
  if (preferences().sound === "on") chime();
}
