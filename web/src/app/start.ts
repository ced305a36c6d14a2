/** Puts the engine into a browser: network, other tabs, storage, locks. */
import { QueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Me } from "../api/types";
import { oneAtATime } from "../kit/oneAtATime";
import { openStorage } from "../kit/storage";
import { syncDrafts } from "../composer/sync-drafts";
import { flushDrafts, restoreDrafts } from "../composer/drafts";
import { keepTray } from "../files/tray";
import { stop as silencePlayer } from "../speech/player";
import { Engine } from "../sync/engine";
import { openLink } from "../sync/link";
import { finishRemoving } from "../messages/removing";
import { hearWorker } from "../notices/clicks";
import { createHappenings } from "./news";

export interface Running {
  engine: Engine;
  queries: QueryClient;
  stop: () => void;
}

const exclusively = async (name: string, work: () => Promise<void>) => {
  // Without the Locks API (old browsers, plain http) each tab sends alone: ids keep it safe.
  if (!navigator.locks) return work();
  await navigator.locks.request(name, work);
};

/** Few texts call anybody who was not met yet; and without what looks them up, names do. */
async function withIds(room: string, text: string): Promise<string> {
  if (!text.includes("@")) return text;
  const lookup = await import("../mentions/lookup").catch(() => undefined);
  return lookup ? lookup.withIds(api, room, text) : text;
}

export async function start(me: Me): Promise<Running> {
  const storage = await openStorage(me.person.id);
  await restoreDrafts(storage);
  const endTray = keepTray(me.person.id);
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => count < 2 && asProblem(error).mayPass,
        staleTime: 5_000,
      },
    },
  });
  const tabs = new BroadcastChannel(`tertulia.${me.person.id}`);
  const happenings = createHappenings(queries, () => engine);
  const engine: Engine = new Engine(me, {
    api,
    shelf: storage.outbox,
    openLink: (listener) => openLink(listener),
    exclusively,
    online: () => navigator.onLine,
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    tellOtherTabs: () => tabs.postMessage("outbox"),
    withIds,
    happenings,
  });
  engine.store.subscribe(({ connection }, before) => {
    if (connection === "live" && before.lostAt) happenings.savedChanged();
  });
  tabs.addEventListener(
    "message",
    oneAtATime(() => engine.outbox.restore()),
  );

  const signals = new AbortController();
  const { signal } = signals;
  window.addEventListener("online", () => engine.setOnline(true), { signal });
  window.addEventListener("offline", () => engine.setOnline(false), { signal });
  window.addEventListener("pagehide", flushDrafts, { signal });
  window.addEventListener("pagehide", () => void finishRemoving(), { signal });
  document.addEventListener(
    "visibilitychange",
    () => (document.visibilityState === "visible" ? engine.wake() : flushDrafts()),
    { signal },
  );
  // What fails here is tried at the next start; the settings show how it is.
  const renewPush = () =>
    import("../notices/push").then((push) => push.renewPush(me.person.id)).catch(() => undefined);
  hearWorker(signal, renewPush);
  void engine.start();
  void renewPush();
  import("../notices/takeBack")
    .then(({ takeBackRead }) => takeBackRead(engine, signal))
    .catch(() => undefined);
  const endDrafts = syncDrafts();
  return {
    engine,
    queries,
    stop() {
      silencePlayer();
      signals.abort();
      endDrafts();
      endTray();
      flushDrafts();
      engine.stop();
      tabs.close();
      queries.clear();
    },
  };
}
