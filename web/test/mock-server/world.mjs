/** The chat API's rules in memory: enough of them to try the client against, with faults. */
import { randomUUID } from "node:crypto";

const now = () => new Date().toISOString();
let counter = 0;
export const uuid = () => {
  counter += 1;
  return randomUUID().replace(/^.{8}/, counter.toString(16).padStart(8, "0"));
};

export class Refused extends Error {
  constructor(status, kind, title = kind) {
    super(title);
    this.body = { type: `/problems/${kind}`, kind, title, status, instance: `req-${uuid()}` };
    this.status = status;
  }
}

export class World {
  people = new Map();
  rooms = new Map();
  links = new Map();
  /** Called with (room, event) after an event is stored. */
  onEvent = () => {};
  /** Called with a person and the message that calls them. */
  onCalled = () => {};
  readCalls = new Set();
  drafts = new Map();
  notices = new Map();
  onDraft = () => {};
  /** Called with a person whose list of rooms changed. */
  onRooms = () => {};

  addPerson(username, display_name) {
    const person = { id: uuid(), username, display_name };
    this.people.set(person.id, person);
    return person;
  }

  byName(username) {
    const name = username.replace(/^@/, "").toLowerCase();
    return [...this.people.values()].find((person) => person.username === name);
  }

  addRoom(kind, name, topic, owner) {
    const room = {
      id: uuid(),
      kind,
      name,
      topic: topic ?? "",
      created_at: now(),
      log_id: uuid(),
      events: [],
      messages: new Map(),
      members: new Map(),
      read: new Map(),
      invitations: new Map(),
    };
    this.rooms.set(room.id, room);
    this.addMember(room, owner, "owner", owner);
    return room;
  }

  addMember(room, person, role, actor) {
    if (room.members.has(person.id)) return room.members.get(person.id);
    const member = { person, role, joined_at: now() };
    room.members.set(person.id, member);
    this.append(room, { type: "memberJoined", person, role, actor });
    room.read.set(person.id, room.events.length);
    this.onRooms(person);
    return member;
  }

  removeMember(room, person, actor) {
    room.members.delete(person.id);
    this.append(room, { type: "memberLeft", person, actor });
    this.onRooms(person);
  }

  append(room, fields) {
    const { created_at = now(), ...rest } = fields;
    const event = { id: uuid(), ...rest, room: room.id, seq: room.events.length + 1, created_at };
    room.events.push(event);
    this.onEvent(room, event);
    return event;
  }

  room(id, person) {
    const room = this.rooms.get(id);
    if (!room || !room.members.has(person.id)) throw new Refused(404, "not_found");
    return room;
  }

  post(room, sender, client_message_id, text, created_at = now(), answering = {}) {
    const bytes = Buffer.byteLength(text ?? "");
    if (bytes < 1 || bytes > 16_384) throw new Refused(422, "invalid", "Text too long or empty");
    const key = `${sender.id}:${client_message_id}`;
    const known = [...room.messages.values()].find((message) => message.key === key);
    if (known) return { message: this.shown(known), created: false };
    const message = {
      key,
      id: uuid(),
      room: room.id,
      seq: room.events.length + 1,
      sender,
      text,
      time: created_at,
      created_at,
      client_message_id,
      revision: 1,
      deleted: false,
      texts: [{ revision: 1, text, created_at }],
      reacted: new Map(),
      ...(answering.thread ? { thread: answering.thread } : {}),
      ...(answering.also_to_room ? { also_to_room: true } : {}),
      ...(answering.quote ? { quoted: answering.quote } : {}),
    };
    room.messages.set(message.id, message);
    if (message.thread) this.follow(room.messages.get(message.thread), sender);
    this.append(room, { type: "message", ...this.shown(message) });
    room.last_message_at = created_at;
    for (const person of this.called(room, message)) this.onCalled(person, message);
    return { message: this.shown(message), created: true };
  }

  edit(room, message, actor, text) {
    Object.assign(message, { text, revision: message.revision + 1, edited_at: now() });
    message.texts.push({ revision: message.revision, text, created_at: message.edited_at });
    this.append(room, {
      type: "messageEdited",
      message: message.id,
      actor,
      ...this.state(message),
    });
    return this.shown(message);
  }

  delete(room, message, actor) {
    message.deleted = true;
    message.revision += 1;
    this.append(room, {
      type: "messageDeleted",
      message: message.id,
      revision: message.revision,
      actor,
    });
  }

  state({ text, revision, edited_at, deleted }) {
    return deleted ? { revision, deleted } : { text, revision, edited_at, deleted };
  }

  shown({
    key: _key,
    texts: _texts,
    reacted: _reacted,
    followers: _followers,
    quoted,
    ...message
  }) {
    const room = this.rooms.get(message.room);
    const quote = quoted && room.messages.get(quoted);
    const mentions = this.named(room, message.text);
    const whole = {
      ...message,
      ...(quote ? { quote: this.quote(quote) } : {}),
      ...(mentions.length > 0 ? { mentions } : {}),
    };
    if (!message.deleted) return whole;
    const { text: _text, mentions: _mentions, ...rest } = whole;
    return rest;
  }

  quote({ id, seq, sender, text, created_at, deleted }) {
    return { message: id, seq, sender, created_at, deleted, ...(deleted ? {} : { text }) };
  }

  /** Members whom a text names; enough of the rule to look at. */
  named(room, text = "") {
    const members = [...room.members.values()].map(({ person }) => person);
    const names = [...text.matchAll(/(?<![\p{L}\p{N}_])@([\w.-]*\w)/gu)].map(([, name]) => name);
    const ids = [...text.matchAll(/<@([\da-f-]{36})>/g)].map(([, id]) => id);
    return members.filter(({ id, username }) => ids.includes(id) || names.includes(username));
  }

  called(room, message) {
    const root = message.thread && room.messages.get(message.thread);
    const others = [...this.named(room, message.text), ...(root ? [root.sender] : [])];
    return new Set(others.filter(({ id }) => id !== message.sender.id));
  }

  follow(root, person) {
    root.followers ??= new Map([[root.sender.id, root.seq]]);
    if (!root.followers.has(person.id)) root.followers.set(person.id, 0);
  }

  replies(room, root) {
    return [...room.messages.values()].filter(({ thread }) => thread === root);
  }

  /** A message as history shows it: with its reactions and the thread below it. */
  whole(room, message, me) {
    const live = this.replies(room, message.id).filter(({ deleted }) => !deleted);
    const last = live.at(-1);
    const reactions = [...message.reacted]
      .filter(([, people]) => people.size > 0)
      .map(([emoji, people]) => ({ emoji, count: people.size, mine: people.has(me?.id) }));
    return {
      ...this.shown(message),
      ...(reactions.length > 0 ? { reactions } : {}),
      ...(last
        ? { replies: { count: live.length, last_seq: last.seq, last_at: last.created_at } }
        : {}),
    };
  }

  react(room, message, emoji, actor, on) {
    const people = message.reacted.get(emoji) ?? new Set();
    message.reacted.set(emoji, people);
    if (people.has(actor.id) === on) return;
    if (on) people.add(actor.id);
    else people.delete(actor.id);
    const type = on ? "reactionAdded" : "reactionRemoved";
    this.append(room, { type, message: message.id, emoji, count: people.size, actor });
  }

  thread(room, root, page, me) {
    const replies = this.replies(room, root.id);
    const list = this.slice(replies, page);
    return {
      ...list,
      items: list.items.map((message) => this.whole(room, message, me)),
      root: this.whole(room, root, me),
      following: root.followers?.has(me.id) ?? false,
      last_read: root.followers?.get(me.id) ?? 0,
      unread: this.unreadReplies(room, root, me),
      mentions: 0,
    };
  }

  unreadReplies(room, root, me) {
    const read = root.followers?.get(me.id);
    if (read === undefined) return 0;
    const isNew = ({ seq, sender }) => seq > read && sender.id !== me.id;
    return this.replies(room, root.id).filter(isNew).length;
  }

  inbox(me) {
    const items = [];
    for (const room of this.rooms.values()) {
      if (!room.members.has(me.id)) continue;
      for (const message of room.messages.values()) {
        if (message.deleted || ![...this.called(room, message)].some(({ id }) => id === me.id))
          continue;
        const named = this.named(room, message.text).some(({ id }) => id === me.id);
        items.push({
          reason: named ? "name" : "reply",
          read: this.readCalls.has(`${me.id} ${message.id}`),
          room_name: room.name,
          room_kind: room.kind,
          message: this.whole(room, message, me),
        });
      }
    }
    return items.toSorted((one, other) =>
      other.message.created_at.localeCompare(one.message.created_at),
    );
  }

  draft(me, room, thread, text) {
    const key = `${me.id} ${room} ${thread}`;
    const version = (this.drafts.get(key)?.version ?? 0) + 1;
    const draft = { room, thread, version, ...(text ? { text } : {}) };
    this.drafts.set(key, { ...draft, owner: me.id });
    this.onDraft(me, draft);
    return draft;
  }

  threads(me) {
    const found = [];
    for (const room of this.rooms.values())
      for (const root of room.messages.values())
        if (root.followers?.has(me.id) && this.replies(room, root.id).length > 0)
          found.push({
            root: this.whole(room, root, me),
            room_name: room.name,
            room_kind: room.kind,
            last_read: root.followers.get(me.id),
            unread: this.unreadReplies(room, root, me),
            mentions: 0,
          });
    return found;
  }

  /** An event as it reads now: never an older text. */
  current(room, event) {
    if (event.type === "message")
      return { type: "message", ...this.shown(room.messages.get(event.id)) };
    if (event.type !== "messageEdited") return event;
    const { text: _text, ...rest } = event;
    const message = room.messages.get(event.message);
    return { ...rest, ...this.state(message), mentions: this.named(room, message.text) };
  }

  view(room, person) {
    const last_read = room.read.get(person.id) ?? 0;
    let unread = 0;
    for (let at = room.events.length - 1; at >= last_read && unread < 1000; at -= 1) {
      const event = room.events[at];
      const message = event.type === "message" && room.messages.get(event.id);
      const aside = message?.thread && !message.also_to_room;
      if (message && !aside && !message.deleted && message.sender.id !== person.id) unread += 1;
    }
    const peer = [...room.members.values()].find(({ person: other }) => other.id !== person.id);
    return {
      id: room.id,
      kind: room.kind,
      name: room.name,
      topic: room.topic,
      role: room.members.get(person.id)?.role,
      head: room.events.length,
      last_read,
      unread,
      mentions: 0,
      everyone_role: "moderator",
      members: room.members.size,
      created_at: room.created_at,
      last_message_at: room.last_message_at,
      log_id: room.log_id,
      ...(room.kind === "direct" ? { peer: peer?.person } : {}),
    };
  }

  history(room, page, me) {
    const all = [...room.messages.values()].filter((one) => !one.thread || one.also_to_room);
    const list = this.slice(all, page);
    return { ...list, items: list.items.map((message) => this.whole(room, message, me)) };
  }

  slice(all, { before, after, around, limit = 50 }) {
    const size = Math.min(200, limit);
    let from = Math.max(0, all.length - size);
    let to = all.length;
    if (before !== undefined) {
      to = all.filter((message) => message.seq < before).length;
      from = Math.max(0, to - size);
    } else if (after !== undefined) {
      from = all.filter((message) => message.seq <= after).length;
      to = Math.min(all.length, from + size);
    } else if (around !== undefined) {
      const at = all.findIndex((message) => message.id === around);
      if (at < 0) throw new Refused(404, "not_found");
      from = Math.max(0, at - Math.floor(size / 2));
      to = Math.min(all.length, from + size);
    }
    return { items: all.slice(from, to), has_older: from > 0, has_newer: to < all.length };
  }

  since(room, after, limit = 200) {
    const items = room.events.slice(after, after + limit).map((event) => this.current(room, event));
    const last = items.at(-1)?.seq ?? after;
    const head = room.events.length;
    return { items, head, log_id: room.log_id, ...(last < head ? { next: last } : {}) };
  }
}
