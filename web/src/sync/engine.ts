/**
 * Keeps this client equal to the server: rooms, open windows, unread numbers, messages on
 * their way. Knows nothing of the screen; the screen reads its store and calls its verbs.
 */
import type { Me, Message, Person, Room, RoomEvent } from "../api/types";
import { uuidV7 } from "../kit/uuid";
import { Following } from "./following";
import { hintsOf } from "./hints";
import type { Link, LinkListener } from "./link";
import { type Answering, Outbox, type Unsent } from "./outbox";
import { RoomList } from "./room-list";
import { type Place, RoomSession } from "./room-session";
import { type EnginePorts, eventNames } from "./ports";
import { createSyncStore, emptyView, type Goal, type RoomView, type SyncStore } from "./state";
import { Numbers } from "./numbers";
import { Presence } from "./presence";
import { Reading } from "./reading";
import { reactedByMe } from "./reactions";
import { Threads } from "./threads";
import { TypingBoard } from "./typing";

const OPEN_ROOMS_MAX = 6;
const UNREAD_PAGE_MAX = 200;
const FIRST_PAGE = 60;

export class Engine {
  readonly store: SyncStore;
  readonly rooms: RoomList;
  readonly outbox: Outbox;
  readonly #ports: EnginePorts;
  readonly #link: Link;
  readonly #sessions = new Map<string, RoomSession>();
  readonly #following: Following;
  readonly #typing: TypingBoard;
  readonly threads: Threads;
  readonly #numbers: Numbers;
  readonly presence: Presence;
  readonly #hints: ReturnType<typeof hintsOf>;
  readonly reading: Reading;
  /** Told by the screen: the newest message of the open room is being looked at. */
  attentive = false;
  #watched: string | undefined;

  constructor(me: Me, ports: EnginePorts) {
    this.#ports = ports;
    this.store = createSyncStore(me);
    this.rooms = new RoomList(this.store, ports.api, ports.happenings);
    this.#link = ports.openLink(this.#listener());
    this.#typing = new TypingBoard(this.store);
    this.threads = new Threads(this.store, ports.api);
    this.#numbers = new Numbers(this.store, ports.api, this.rooms);
    this.presence = new Presence(this.store, () => this.#link);
    this.reading = new Reading({
      api: ports.api,
      link: this.#link,
      rooms: this.rooms,
      numbers: this.#numbers,
      show: (room, newAfter) => this.store.getState().views[room] && this.#show(room, { newAfter }),
    });
    this.#hints = hintsOf({
      store: this.store,
      typing: this.#typing,
      rooms: this.rooms,
      numbers: this.#numbers,
      presence: this.presence,
      threads: this.threads,
      happenings: ports.happenings,
    });
    this.#following = new Following({
      api: ports.api,
      store: this.store,
      link: this.#link,
      session: (room) => this.#sessions.get(room),
      noteHead: (room, head) => this.#noteHead(room, head),
      refused: () => void this.refreshRooms(),
    });
    this.outbox = new Outbox({
      shelf: ports.shelf,
      withIds: ports.withIds,
      send: (item, attempt) => this.#post(item, attempt),
      exclusively: ports.exclusively,
      online: ports.online,
      changed: (unsent) => this.store.setState({ unsent }),
      sent: (message) => this.#settle(message),
      rejected: (_item, problem) => {
        ports.happenings.notice({ kind: "rejected", reason: problem.kind });
        if (problem.status === 404) void this.refreshRooms();
      },
      tell: ports.tellOtherTabs,
      newId: () => uuidV7(),
      now: Date.now,
      random: Math.random,
    });
  }

  get me(): Person {
    return this.store.getState().me.person;
  }

  async start() {
    this.#link.start();
    if (!this.#ports.online()) this.setOnline(false);
    await Promise.all([this.refreshRooms(), this.outbox.restore()]);
    this.outbox.flushAll();
  }

  stop() {
    this.#link.stop();
    this.outbox.close();
    this.rooms.close();
    this.#typing.close();
    this.#numbers.close();
    this.presence.close();
    for (const session of this.#sessions.values()) session.close();
  }

  /** The browser says that there is, or is not, a network. */
  setOnline(online: boolean) {
    if (!online) return this.#lost();
    this.store.setState({ connection: "reconnecting" });
    this.#link.renew();
  }

  /** The page became visible, or the person wants to try now. */
  wake() {
    this.presence.tell();
    this.#link.retryNow();
    this.outbox.flushAll();
    if (this.#link.live) this.#following.check(this.#sessions.keys());
  }

  async refreshRooms() {
    await this.rooms.refresh();
    this.#dropForeignSessions();
    this.#following.all();
    this.presence.watch();
  }

  /** Shows a room; what is loaded stays unless a certain message is wanted. */
  async openRoom(room: string, message?: string) {
    this.#watched = room;
    this.reading.opened(room);
    const known = this.#sessions.get(room);
    const unread = this.rooms.get(room);
    const newAfter = unread && unread.unread > 0 ? unread.last_read : undefined;
    if (known && this.store.getState().views[room]?.status === "ready") {
      this.#sessions.delete(room);
      this.#sessions.set(room, known); // The order of the map is the order of use.
      const visit = this.#view(room).visit + 1;
      this.#show(room, { newAfter, goal: { kind: "new" }, visit });
      if (message) await this.goTo(room, { message });
      return;
    }
    const session = known ?? this.#newSession(room);
    this.#show(room, { newAfter });
    const limit = unread ? Math.min(UNREAD_PAGE_MAX, FIRST_PAGE + unread.unread) : FIRST_PAGE;
    if (message) await session.open({ message }, { kind: "message", id: message });
    else await session.open("newest", { kind: "new" }, limit);
  }

  /** The room is no longer on the screen. */
  closeRoom(room: string) {
    if (this.#watched === room) this.#watched = undefined;
    if (this.store.getState().views[room]) this.#show(room, { newAfter: undefined });
  }

  /** Shows a message, what follows a number, or the end; reads it if it is not loaded. */
  async goTo(room: string, place: Place) {
    const view = this.store.getState().views[room];
    const session = this.#sessions.get(room);
    const again = (goal: Goal) => view && this.#show(room, { goal, visit: view.visit + 1 });
    const ready = view?.status === "ready";
    if (place === "newest") {
      if (ready && !view.window.hasNewer) again({ kind: "end" });
      else await session?.open(place, { kind: "end" });
    } else if ("message" in place) {
      const goal: Goal = { kind: "message", id: place.message };
      if (ready && view.window.items.some(({ id }) => id === place.message)) again(goal);
      else await session?.open(place, goal);
    } else await session?.open(place);
  }

  session(room: string): RoomSession | undefined {
    return this.#sessions.get(room);
  }

  /** Messages that come from now on are new: the person looks elsewhere. */
  lookAway(room: string) {
    const view = this.store.getState().views[room];
    const head = this.rooms.get(room)?.head;
    if (view && view.newAfter === undefined && head !== undefined)
      this.#show(room, { newAfter: head });
  }

  /** Back again: without anything new there is nothing to mark. */
  lookBack(room: string) {
    const view = this.store.getState().views[room];
    if (view?.newAfter === undefined) return;
    const { newAfter, window } = view;
    const isNew = ({ seq, sender }: Message) => seq > newAfter && sender.id !== this.me.id;
    if (!window.hasNewer && !window.items.some(isNew)) this.#show(room, { newAfter: undefined });
  }

  async send(room: string, text: string, answering: Answering = {}) {
    const view = this.store.getState().views[room];
    const shown = !answering.thread || answering.also_to_room;
    if (view?.newAfter !== undefined && shown) this.#show(room, { newAfter: undefined });
    await this.outbox.add(room, text, answering);
    const away = view?.window.hasNewer ? shown : !answering.thread;
    if (view?.status === "ready" && away) await this.goTo(room, "newest");
  }

  async edit({ room, id }: Message, text: string) {
    const wire = await this.#ports.withIds(room, text);
    this.#settle(await this.#ports.api.editMessage(room, id, wire));
  }

  async remove(message: Message) {
    await this.#ports.api.deleteMessage(message.room, message.id);
    this.#settle({ ...message, text: undefined, deleted: true });
  }

  /** Adds or takes back a reaction of mine; shown at once, and taken back if refused. */
  async react({ room, id }: Message, emoji: string, on: boolean) {
    const show = (shown: boolean) =>
      this.#change(room, id, (one) => reactedByMe(one, emoji, shown));
    show(on);
    try {
      if (on) await this.#ports.api.addReaction(room, id, emoji);
      else await this.#ports.api.removeReaction(room, id, emoji);
    } catch (error) {
      show(!on);
      throw error;
    }
  }

  typing(room: string, thread?: string) {
    if (this.#typing.mayTell(room)) this.#link.hint("typing", { room, thread });
  }

  /** A room entered or made here, before the server's hint arrives. */
  async adopt(room: Room) {
    this.rooms.put(room);
    this.#following.all();
  }

  async leave(room: string) {
    await this.#ports.api.leaveRoom(room);
    this.rooms.drop(room);
    this.#forget(room);
  }

  #change(room: string, message: string, change: (message: Message) => Message) {
    this.#sessions.get(room)?.change(message, change);
    this.threads.change(room, message, change);
  }

  #settle(message: Message) {
    this.#sessions.get(message.room)?.settle(message);
    this.threads.settle(message);
  }

  #newSession(room: string): RoomSession {
    const session = new RoomSession(room, {
      api: this.#ports.api,
      me: this.me.id,
      join: (id, after) => this.#following.join(id, after),
      show: (change) => this.#show(room, change),
      view: () => this.#view(room),
      applied: (events) => this.#applied(events),
      missing: () => void this.refreshRooms(),
    });
    this.#sessions.set(room, session);
    for (const [other] of this.#sessions) {
      if (this.#sessions.size <= OPEN_ROOMS_MAX) break;
      if (other !== this.#watched) this.#forget(other);
    }
    return session;
  }

  #view(room: string): RoomView {
    return this.store.getState().views[room] ?? emptyView;
  }

  #show(room: string, change: Partial<RoomView>) {
    const view = { ...this.#view(room), ...change };
    this.store.setState(({ views }) => ({ views: { ...views, [room]: view } }));
  }

  #forget(room: string) {
    this.#sessions.get(room)?.close();
    this.#sessions.delete(room);
    this.store.setState(({ views: { [room]: _gone, ...views } }) => ({ views }));
  }

  #dropForeignSessions() {
    const { rooms, roomsStatus } = this.store.getState();
    if (roomsStatus !== "ready") return;
    for (const room of this.#sessions.keys()) if (!rooms[room]) this.#forget(room);
    this.#following.keepOnly(rooms);
  }

  #applied(events: readonly RoomEvent[]) {
    this.threads.offer(events);
    for (const event of events) {
      if (event.type === "message" && event.sender.id === this.me.id)
        this.outbox.settled(event.client_message_id);
    }
  }

  #listener(): LinkListener {
    return {
      live: () => {
        this.store.setState({ connection: "live", attempt: 0, lostAt: undefined });
        const missed = this.#following.resume(this.#sessions.keys());
        void this.refreshRooms().then(() => missed && this.#ports.happenings.resumed(missed));
        this.#ports.happenings.noticesChanged();
        this.#numbers.refresh();
        this.presence.live();
        this.outbox.flushAll();
      },
      lost: () => this.#lost(),
      trying: (attempt) => {
        this.#lost();
        this.store.setState({ attempt });
      },
      // Asking who I am tells whether the session is over; a 401 ends this engine.
      refused: () => void this.#ports.api.me().catch(() => undefined),
      event: (name, payload) => this.#told(name, payload),
    };
  }

  #lost() {
    this.#following.forgetAll();
    this.store.setState({
      connection: this.#ports.online() ? "reconnecting" : "offline",
      lostAt: this.store.getState().lostAt ?? Date.now(),
    });
  }

  #told(name: string, payload: unknown) {
    this.#following.noteSign();
    if (eventNames.has(name)) return this.#event(payload as RoomEvent);
    if (name === "roomsChanged") return void this.refreshRooms();
    const hint = this.#hints.get(name);
    if (hint) return hint(payload);
    if (name === "reset") {
      const { room } = payload as { room: string };
      this.#following.forget(room);
      return this.#sessions.get(room)?.reset();
    }
    if (name === "heads") this.#heads((payload as { rooms: Record<string, number> }).rooms);
  }

  #event(event: RoomEvent) {
    const news = this.#following.isNews(event, this.rooms.get(event.room)?.head);
    this.rooms.noteEvent(event);
    this.#sessions.get(event.room)?.offer(event);
    if (event.type === "message" || event.type === "messageDeleted")
      if (event.room !== this.#watched || !this.attentive) this.rooms.recount(event.room);
    const mine = event.type === "memberChanged" && event.person.id === this.me.id;
    if (mine || event.type === "roomChanged") this.rooms.recount(event.room);
    if (event.type === "message") this.#typing.stop(event.room, event.sender.id);
    if (event.type === "message" && event.sender.id === this.me.id)
      this.outbox.settled(event.client_message_id);
    if (news) this.#ports.happenings.news(event);
  }

  #heads(heads: Record<string, number>) {
    for (const [room, head] of Object.entries(heads)) {
      this.#noteHead(room, head);
      this.#sessions.get(room)?.noteHead(head);
    }
  }

  /** Something happened in a room that no event told about: its unread number is stale. */
  #noteHead(room: string, head: number) {
    const known = this.rooms.get(room);
    if (known && head > known.head) this.rooms.recount(room);
  }

  async #post(item: Unsent, attempt: number): Promise<Message> {
    const { id, room, text, thread, also_to_room, quote } = item;
    const files = item.files?.map((file) => file.id);
    const body = { text, thread, also_to_room, quote: quote?.message, files };
    // Every other attempt takes the other road, in case one of them is blocked.
    if (this.#link.live && attempt % 2 === 1) {
      const payload = { ...body, room, client_message_id: id };
      const ack = await this.#link.request<{ message: Message }>("sendMessage", payload);
      return ack.message;
    }
    return this.#ports.api.postMessage(room, id, body, AbortSignal.timeout(10_000));
  }
}
