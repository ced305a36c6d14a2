/** Being told in this browser while no page is open (Push API). Off until a person says yes. */
import { api } from "../api/client";

export type PushState =
  /** The browser cannot, or not here. */
  | "unable"
  /** The person told the browser never to. */
  | "denied"
  | "off"
  | "on";

/** Which browser this is at the server, and whose it is: `<person> <device>`. */
const KEPT = "tertulia.push";

interface Kept {
  person: string;
  device: string;
}

function kept(): Kept | undefined {
  try {
    const [person, device] = localStorage.getItem(KEPT)?.split(" ") ?? [];
    return person && device ? { person, device } : undefined;
  } catch {
    return undefined;
  }
}

const keep = ({ person, device }: Kept) => localStorage.setItem(KEPT, `${person} ${device}`);
const forget = () => localStorage.removeItem(KEPT);

const able = () =>
  "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** The policy of the page lets a worker in only by its name. */
function workerUrl(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const rules = { createScriptURL: () => "/sw.js" };
  return trustedTypes?.createPolicy("tertulia-worker", rules).createScriptURL("") ?? "/sw.js";
}

interface TrustedTypes {
  createPolicy: (
    name: string,
    rules: { createScriptURL: () => string },
  ) => { createScriptURL: (input: string) => string };
}

let registering: Promise<ServiceWorkerRegistration> | undefined;

async function registration(): Promise<ServiceWorkerRegistration> {
  registering ??= navigator.serviceWorker.register(workerUrl());
  await registering;
  return navigator.serviceWorker.ready;
}

async function subscription(): Promise<PushSubscription | undefined> {
  const known = await navigator.serviceWorker.getRegistration("/");
  return (await known?.pushManager.getSubscription()) ?? undefined;
}

/** How it is in this browser for `person`, and whether this server pushes at all. */
export async function pushState(person: string): Promise<PushState> {
  if (!able()) return "unable";
  const { key, devices } = await api.push();
  if (!key) return "unable";
  if (Notification.permission === "denied") return "denied";
  const mine = kept();
  const known = mine?.person === person && devices.some(({ id }) => id === mine.device);
  return known && Notification.permission === "granted" && (await subscription()) ? "on" : "off";
}

async function tellServer(person: string, subscribed: PushSubscription) {
  const { endpoint, keys } = subscribed.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) throw new Error("a subscription without keys");
  const { p256dh, auth } = keys;
  const former = kept();
  const { id } = await api.addPushDevice({ endpoint, keys: { p256dh, auth } });
  keep({ person, device: id });
  // Under its old address this browser hears nothing any more.
  if (former?.person === person && former.device !== id)
    await api.endPushDevice(former.device).catch(() => undefined);
}

/** Asks the browser, which asks the person; call it when they said yes to us. */
export async function turnOn(person: string): Promise<PushState> {
  const { key } = await api.push();
  if (!key || !able()) return "unable";
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return answer === "denied" ? "denied" : "off";
  const { pushManager } = await registration();
  // One that was made for another key, or for somebody else, is of no use.
  await (await pushManager.getSubscription())?.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  await tellServer(person, await pushManager.subscribe(options));
  return "on";
}

export async function turnOff(): Promise<PushState> {
  const mine = kept();
  forget();
  await (await subscription())?.unsubscribe();
  // The server may have forgotten it first.
  if (mine) await api.endPushDevice(mine.device).catch(() => undefined);
  return "off";
}

/**
 * After signing in again the browser is told again, if it was before, also where it made its
 * subscription void meanwhile.
 */
export async function renewPush(person: string) {
  if (!able() || Notification.permission !== "granted" || kept()?.person !== person) return;
  const subscribed = (await subscription()) ?? (await subscribe());
  if (subscribed) await tellServer(person, subscribed);
}

async function subscribe(): Promise<PushSubscription | undefined> {
  const { key } = await api.push();
  if (!key) return undefined;
  const { pushManager } = await registration();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}
