/** Does what a command asks for. Loaded when the first one is sent. */
import { api } from "../api/client";
import { openLayer } from "../app/layers";
import { shortTime } from "../kit/format";
import { navigate, paths } from "../kit/router";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import { type CommandName, mutedSeconds } from "./commands";

interface Asked {
  readonly engine: Engine;
  readonly room: string;
  /** What was written after the name. */
  readonly words: string;
}

type Fault = string | undefined;

const nameIn = (words: string) => words.replace(/^@/, "");

async function setTopic({ engine, room, words }: Asked): Promise<Fault> {
  engine.rooms.put(await api.changeRoom(room, { topic: words }));
  toast(m.saved());
  return undefined;
}

async function invite({ room, words }: Asked): Promise<Fault> {
  const username = nameIn(words);
  if (!username || /\s/.test(username)) return m.command_needs_name();
  const invited = await api.invite(room, username);
  toast(
    invited.status === "joined"
      ? m.invited_joined({ name: invited.member.person.display_name })
      : m.invited_pending({ name: username }),
  );
  return undefined;
}

/** Another choice of the room stays as it is. */
async function mute(room: string, muted_for_s: number | undefined) {
  const { rooms } = await api.notices();
  const level = rooms.find((one) => one.room === room)?.level ?? undefined;
  return api.chooseRoomNotices(room, { level, muted_for_s });
}

async function muteFor({ room, words }: Asked): Promise<Fault> {
  const seconds = mutedSeconds(words);
  if (!seconds) return m.command_needs_time();
  await mute(room, seconds);
  const time = shortTime(new Date(Date.now() + seconds * 1000).toISOString());
  toast(`${m.muted()}: ${m.mute_until({ time })}`);
  return undefined;
}

async function unmute({ room }: Asked): Promise<Fault> {
  await mute(room, undefined);
  toast(m.unmuted());
  return undefined;
}

async function writeTo({ engine, words }: Asked): Promise<Fault> {
  const username = nameIn(words);
  if (!username || /\s/.test(username)) return m.command_needs_name();
  const direct = await api.direct(username);
  void engine.adopt(direct);
  navigate(paths.room(direct.id));
  return undefined;
}

const runs: Readonly<Record<CommandName, (asked: Asked) => Promise<Fault>>> = {
  topic: setTopic,
  invite,
  mute: muteFor,
  unmute,
  msg: writeTo,
  leave: async ({ room }) => void openLayer({ kind: "leave-room", room }),
  help: async () => void openLayer({ kind: "help" }),
};

/** Answers with what is wrong with the words, if anything. */
export const runCommand = (name: CommandName, asked: Asked): Promise<Fault> => runs[name](asked);
