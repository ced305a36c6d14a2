/**
 * Keeps this client equal to the server: rooms, open windows, unread numbers, messages on
 * their way. Knows nothing of the screen; the screen reads its store and calls its verbs.
 */
import { asProblem } from "../api/problem";
import type { Me, Message, Person, Room, RoomEvent } from "../api/types";
import { uuidV7 } from "../kit/uuid";
import type { Link, LinkListener } from "./link";
import { Outbox, type Unsent } from "./outbox";
import { lastActivity, RoomList } from "./room-list";
import { type Head, type Place, RoomSession } from "./room-session";
import { type EnginePorts, eventNames } from "./ports";
import { createSyncStore, type Goal, type RoomView, type SyncStore } from "./state";
import { TypingBoard } from "./typing";
import { emptyWindow } from "./window";

const OPEN_ROOMS_MAX = 6;
/** More than this are not followed live; the heads of the heartbeat tell about them. */
const FOLLOWED_ROOMS_MAX = 200;
const UNREAD_PAGE_MAX = 200;
const FIRST_PAGE = 60;

export class Engine {
  readonly store: SyncStore;
  readonly rooms: RoomList;
  readonly outbox: Outbox;
  readonly #ports: EnginePorts;
  readonly #link: Link;
  readonly #sessions = new Map<string, RoomSession>();
  readonly #joined = new Set<string>();
  readonly #typing: TypingBoard;
  /** Told by the screen: the newest message of the open room is being looked at. */
  attentive = false;
  #watched: string | undefined;

  constructor(me: Me, ports: EnginePorts) {
    this.#ports = ports;
    this.store = createSyncStore(me);
    this.rooms = new RoomList(this.store, ports.api, ports.happenings);
    this.#typing = new TypingBoard(this.store);
    this.#link = ports.openLink(this.#listener());
    this.outbox = new Outbox({
      shelf: ports.shelf,
      send: (item, attempt) => this.#post(item, attempt),
      exclusively: ports.exclusively,
      online: ports.online,
      changed: (unsent) => this.store.setState({ unsent }),
      sent: (message) => this.#sessions.get(message.room)?.settle(message),
      rejected: (item, problem) => {
        ports.happenings.notice({ kind: "rejected", reason: problem.kind });
        if (problem.status === 404) this.#gone(item.room);
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
    this.#link.retryNow();
    this.outbox.flushAll();
    if (this.#link.live) this.#checkHeads();
  }

  async refreshRooms() {
    await this.rooms.refresh();
    this.#dropForeignSessions();
    this.#followRooms();
  }

  /** Shows a room; what is loaded stays unless a certain message is wanted. */
  async openRoom(room: string, message?: string) {
    this.#watched = room;
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

  async send(room: string, text: string) {
    const view = this.store.getState().views[room];
    if (view) this.#show(room, { newAfter: undefined });
    await this.outbox.add(room, text);
    if (view?.window.hasNewer) await this.goTo(room, "newest");
  }

  async edit(message: Message, text: string) {
    const edited = await this.#ports.api.editMessage(message.room, message.id, text);
    this.#sessions.get(message.room)?.settle(edited);
  }

  async remove(message: Message) {
    await this.#ports.api.deleteMessage(message.room, message.id);
    this.#sessions.get(message.room)?.settle({ ...message, text: undefined, deleted: true });
  }

  async markRead(room: string, seq: number) {
    const known = this.rooms.get(room);
    if (!known || seq <= known.last_read) return;
    this.rooms.patch(room, { last_read: seq });
    try {
      if (this.#link.live) await this.#link.request("markRead", { room, seq });
      else await this.#ports.api.markRead(room, seq).then(() => this.rooms.recount(room));
    } catch {
      this.rooms.recount(room); // The server's marker counts, and it did not move.
    }
  }

  typing(room: string) {
    if (this.#typing.mayTell()) this.#link.hint("typing", { room });
  }

  /** A room entered or made here, before the server's hint arrives. */
  async adopt(room: Room) {
    this.rooms.put(room);
    this.#followRooms();
  }

  async leave(room: string) {
    await this.#ports.api.leaveRoom(room);
    this.rooms.drop(room, false);
    this.#forget(room);
  }

  #newSession(room: string): RoomSession {
    const session = new RoomSession(room, {
      api: this.#ports.api,
      join: (id, after) => this.#join(id, after),
      show: (change) => this.#show(room, change),
      view: () => this.#view(room),
      applied: (events) => this.#applied(events),
      gone: () => this.#gone(room),
    });
    this.#sessions.set(room, session);
    for (const [other] of this.#sessions) {
      if (this.#sessions.size <= OPEN_ROOMS_MAX) break;
      if (other !== this.#watched) this.#forget(other);
    }
    return session;
  }

  #view(room: string): RoomView {
    return (
      this.store.getState().views[room] ?? {
        window: emptyWindow,
        status: "loading",
        older: "idle",
        newer: "idle",
        load: 0,
        visit: 0,
        goal: { kind: "new" },
      }
    );
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

  #gone(room: string) {
    const known = this.rooms.get(room);
    if (!known?.role) return;
    this.rooms.drop(room, true);
    this.#forget(room);
  }

  #dropForeignSessions() {
    const { rooms, roomsStatus } = this.store.getState();
    if (roomsStatus !== "ready") return;
    for (const room of this.#sessions.keys()) if (!rooms[room]) this.#forget(room);
    for (const room of this.#joined) if (!rooms[room]) this.#joined.delete(room);
  }

  async #join(room: string, after?: number): Promise<Head> {
    if (!this.#link.live) return this.#ports.api.room(room);
    const head = await this.#link.request<Head>("join", { room, after });
    this.#joined.add(room);
    return head;
  }

  /** Follows every room of mine that this connection does not follow yet. */
  #followRooms() {
    if (!this.#link.live) return;
    const rooms = Object.values(this.store.getState().rooms)
      .filter(({ id }) => !this.#joined.has(id))
      .toSorted((one, other) => lastActivity(other).localeCompare(lastActivity(one)))
      .slice(0, FOLLOWED_ROOMS_MAX - this.#joined.size);
    for (const { id } of rooms) {
      this.#joined.add(id);
      void this.#follow(id);
    }
  }

  /** Answers whether the server did. */
  async #follow(room: string): Promise<boolean> {
    const session = this.#sessions.get(room);
    try {
      const { head, log_id } = await this.#join(room, session?.cursor);
      session?.noteHead(head, log_id);
      this.#noteHead(room, head);
      return true;
    } catch (error) {
      this.#joined.delete(room);
      const { status } = asProblem(error);
      if (status === 404 || status === 403) void this.refreshRooms();
      return status > 0;
    }
  }

  /** After a sleep the connection may only look alive: whoever does not answer is left. */
  #checkHeads() {
    const judge = (answered: boolean) => !answered && this.#link.live && this.#link.renew();
    for (const room of this.#sessions.keys()) void this.#follow(room).then(judge);
  }

  #applied(events: readonly RoomEvent[]) {
    for (const event of events) {
      if (event.type === "message" && event.sender.id === this.me.id)
        this.outbox.settled(event.client_message_id);
    }
  }

  #listener(): LinkListener {
    return {
      live: () => {
        this.#joined.clear();
        this.store.setState({ connection: "live", attempt: 0, lostAt: undefined });
        for (const room of this.#sessions.keys()) {
          this.#joined.add(room);
          void this.#follow(room);
        }
        void this.refreshRooms();
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
    const { lostAt } = this.store.getState();
    this.#joined.clear();
    this.store.setState({
      connection: this.#ports.online() ? "reconnecting" : "offline",
      lostAt: lostAt ?? Date.now(),
    });
  }

  #told(name: string, payload: unknown) {
    if (eventNames.has(name)) return this.#event(payload as RoomEvent);
    if (name === "typing") return this.#typing.note(payload as { room: string; person: Person });
    if (name === "roomsChanged") return void this.refreshRooms();
    if (name === "readChanged") {
      const { room, last_read, unread } = payload as Room & { room: string };
      return this.rooms.patch(room, { last_read, unread });
    }
    if (name === "reset") {
      const { room } = payload as { room: string };
      this.#joined.delete(room);
      return this.#sessions.get(room)?.reset();
    }
    if (name === "heads") this.#heads((payload as { rooms: Record<string, number> }).rooms);
  }

  #event(event: RoomEvent) {
    const known = this.rooms.get(event.room);
    const news = !known || event.seq > known.head;
    this.rooms.noteEvent(event);
    this.#sessions.get(event.room)?.offer(event);
    if (event.type === "message" || event.type === "messageDeleted")
      if (event.room !== this.#watched || !this.attentive) this.rooms.recount(event.room);
    if (event.type === "memberChanged" && event.person.id === this.me.id)
      this.rooms.recount(event.room);
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
    const { id, room, text } = item;
    // Every other attempt takes the other road, in case one of them is blocked.
    if (this.#link.live && attempt % 2 === 1) {
      const payload = { room, text, client_message_id: id };
      const ack = await this.#link.request<{ message: Message }>("sendMessage", payload);
      return ack.message;
    }
    return this.#ports.api.postMessage(room, id, text, AbortSignal.timeout(10_000));
  }
}
