/**
 * Moving between addresses, where whatever covers the page has an entry of its own in the history
 * of the browser: "back" takes away what covers before it leaves the page, and closing by a
 * button takes the entry away again.
 */
interface Entry {
  /** The address from which this one was reached. */
  readonly from?: string;
  /** How many covers lie over the page. */
  readonly over?: number;
}

interface Cover {
  readonly close: () => void;
  /** Whether it has an entry by now. */
  placed: boolean;
}

/** Browsers that count too many movements may swallow one. */
const PATIENCE_MS = 500;

const covers: Cover[] = [];
const listeners = new Set<() => void>();
/** What is to be done as soon as the browser has gone back. */
let leaving: (() => void)[] | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const entry = (): Entry => (history.state as Entry | null) ?? {};
const tell = () => listeners.forEach((listener) => listener());

/** Calls `listener` whenever the address may be another one. */
export function onMoved(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Something lies over the page that `close` takes away; answers with what says that it is gone. */
export function cover(close: () => void): () => void {
  const added: Cover = { close, placed: false };
  covers.push(added);
  queueMicrotask(settle);
  return () => {
    const at = covers.indexOf(added);
    if (at < 0) return;
    covers.splice(at, 1);
    // Later, because something else may open in its place, or the address change.
    queueMicrotask(settle);
  };
}

/** Gives covers without an entry one, and leaves the entries of those that are gone. */
export function settle() {
  if (leaving) return;
  const { over = 0, from } = entry();
  if (over > covers.length) return goBack(over - covers.length);
  for (let next = over + 1; next <= covers.length; next += 1)
    history.pushState({ from, over: next } satisfies Entry, "", location.href);
  for (const one of covers) one.placed = true;
}

/** Goes to an address; what covers the page is closed. */
export function move(path: string, replace: boolean) {
  if (leaving) return void leaving.push(() => move(path, replace));
  const here = entry();
  const { over = 0 } = here;
  for (const { close } of covers.splice(0)) close();
  const stays = replace || path === location.pathname;
  if (over > 1 || (over === 1 && stays)) return goBack(over, () => move(path, replace));
  const from = location.pathname;
  // The cover is gone, and the next page takes its entry.
  if (over === 1) history.replaceState({ from } satisfies Entry, "", path);
  else if (replace) history.replaceState(here, "", path);
  else if (!stays) history.pushState({ from } satisfies Entry, "", path);
  tell();
}

/** Closes a page that is a part of the one at `path`, and is gone from the history after it. */
export function leaveTo(path: string) {
  const { from, over = 0 } = entry();
  if (leaving || !from?.startsWith(path)) return move(path, true);
  goBack(over + 1, () => move(path, true));
}

function goBack(entries: number, ...then: (() => void)[]) {
  leaving = then;
  timer = setTimeout(arrive, PATIENCE_MS);
  history.go(-entries);
}

function arrive() {
  const waiting = leaving ?? [];
  leaving = undefined;
  clearTimeout(timer);
  const { over = 0 } = entry();
  // One that was opened while the browser went back has no entry to have lost.
  for (const { close } of covers.filter(({ placed }, at) => placed && at >= over)) close();
  waiting.forEach((run) => run());
  settle();
  tell();
}

if (typeof window !== "undefined") window.addEventListener("popstate", arrive);
