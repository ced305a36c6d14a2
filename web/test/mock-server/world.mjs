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

  post(room, sender, client_message_id, text, created_at = now()) {
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
    };
    room.messages.set(message.id, message);
    this.append(room, { type: "message", ...this.shown(message) });
    room.last_message_at = created_at;
    return { message: this.shown(message), created: true };
  }

  edit(room, message, actor, text) {
    Object.assign(message, { text, revision: message.revision + 1, edited_at: now() });
    this.append(room, { type: "messageEdited", message: message.id, actor, ...this.state(message) });
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

  shown({ key: _key, ...message }) {
    if (!message.deleted) return message;
    const { text: _text, ...rest } = message;
    return rest;
  }

  /** An event as it reads now: never an older text. */
  current(room, event) {
    if (event.type === "message") return { type: "message", ...this.shown(room.messages.get(event.id)) };
    if (event.type !== "messageEdited") return event;
    const { text: _text, ...rest } = event;
    return { ...rest, ...this.state(room.messages.get(event.message)) };
  }

  view(room, person) {
    const last_read = room.read.get(person.id) ?? 0;
    let unread = 0;
    for (let at = room.events.length - 1; at >= last_read && unread < 1000; at -= 1) {
      const event = room.events[at];
      const message = event.type === "message" && room.messages.get(event.id);
      if (message && !message.deleted && message.sender.id !== person.id) unread += 1;
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
      members: room.members.size,
      created_at: room.created_at,
      last_message_at: room.last_message_at,
      log_id: room.log_id,
      ...(room.kind === "direct" ? { peer: peer?.person } : {}),
    };
  }

  history(room, { before, after, around, limit = 50 }) {
    const all = [...room.messages.values()];
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
    return {
      items: all.slice(from, to).map((message) => this.shown(message)),
      has_older: from > 0,
      has_newer: to < all.length,
    };
  }

  since(room, after, limit = 200) {
    const items = room.events.slice(after, after + limit).map((event) => this.current(room, event));
    const last = items.at(-1)?.seq ?? after;
    const head = room.events.length;
    return { items, head, log_id: room.log_id, ...(last < head ? { next: last } : {}) };
  }
}
