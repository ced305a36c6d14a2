/** The HTTP half of the mock server: the API's routes over a `World`, and the built client. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { Refused, uuid } from "./world.mjs";

export const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
].join("; ");

const managers = new Set(["owner", "moderator"]);

function mayManage(room, me) {
  if (!managers.has(room.members.get(me.id)?.role)) throw new Refused(403, "forbidden");
}

/** `METHOD /path/with/:names` → (context) => body or [status, body]. */
export const routes = {
  "GET /api/me": ({ me }) => ({
    person: me,
    email: `${me.username}@example.org`,
    role: "member",
    scopes: ["chat"],
  }),
  "GET /api/people": ({ world, query, me }) => {
    const wanted = (query.get("query") ?? "").replace(/^@/, "").toLowerCase();
    const items = [...world.people.values()].filter(
      (person) =>
        person.id !== me.id &&
        `${person.username} ${person.display_name}`.toLowerCase().includes(wanted),
    );
    return { items: items.slice(0, 20) };
  },
  "GET /api/people/:person": ({ world, path }) => {
    const person = world.people.get(path.person);
    if (!person) throw new Refused(404, "not_found");
    return person;
  },
  "GET /api/people/:person/rooms": ({ world, me, path }) => ({
    items: [...world.rooms.values()]
      .filter(({ kind }) => kind !== "direct")
      .filter(({ members }) => members.has(me.id) && members.has(path.person))
      .map((room) => world.view(room, me)),
  }),
  "POST /api/direct": ({ world, me, body }) => {
    const peer = world.byName(body.username);
    if (!peer || peer.id === me.id) throw new Refused(404, "not_found");
    const known = [...world.rooms.values()].find(
      (room) => room.kind === "direct" && room.members.has(me.id) && room.members.has(peer.id),
    );
    const room = known ?? world.addRoom("direct", "", "", me);
    if (!known) world.addMember(room, peer, "member", me);
    return world.view(room, me);
  },
  "GET /api/rooms": ({ world, me }) => ({
    items: [...world.rooms.values()]
      .filter((room) => room.members.has(me.id))
      .map((room) => world.view(room, me)),
  }),
  "POST /api/rooms": ({ world, me, body }) => {
    if (!body.name?.trim()) throw new Refused(422, "invalid");
    return [201, world.view(world.addRoom(body.kind, body.name, body.topic, me), me)];
  },
  "GET /api/rooms/directory": ({ world, me, query }) => {
    const wanted = (query.get("query") ?? "").toLowerCase();
    const items = [...world.rooms.values()].filter(
      (room) => room.kind === "public" && room.name.toLowerCase().includes(wanted),
    );
    return { items: items.map((room) => world.view(room, me)) };
  },
  "GET /api/rooms/:room": ({ world, me, path }) => world.view(world.room(path.room, me), me),
  "PATCH /api/rooms/:room": ({ world, me, path, body }) => {
    const room = world.room(path.room, me);
    mayManage(room, me);
    Object.assign(room, body);
    const { kind, name, topic } = room;
    world.append(room, { type: "roomChanged", kind, name, topic, actor: me });
    return world.view(room, me);
  },
  "POST /api/rooms/:room/join": ({ world, me, path }) => {
    const room = world.rooms.get(path.room);
    if (room?.kind !== "public") throw new Refused(404, "not_found");
    world.addMember(room, me, "member", me);
    return world.view(room, me);
  },
  "POST /api/rooms/:room/leave": ({ world, me, path }) => {
    world.removeMember(world.room(path.room, me), me, me);
    return [204];
  },
  "GET /api/rooms/:room/members": ({ world, me, path }) => ({
    items: [...world.room(path.room, me).members.values()].toSorted((one, other) =>
      one.person.username.localeCompare(other.person.username),
    ),
  }),
  "POST /api/rooms/:room/members": ({ world, me, path, body }) => {
    const room = world.room(path.room, me);
    mayManage(room, me);
    const person = world.byName(body.username);
    if (person)
      return [201, { status: "joined", member: world.addMember(room, person, "member", me) }];
    const invitation = {
      id: uuid(),
      kind: "name",
      username: body.username,
      uses: 0,
      created_at: new Date().toISOString(),
      created_by: me,
    };
    room.invitations.set(invitation.id, invitation);
    return [202, { status: "pending", invitation }];
  },
  "PATCH /api/rooms/:room/members/:person": ({ world, me, path, body }) => {
    const room = world.room(path.room, me);
    if (room.members.get(me.id).role !== "owner") throw new Refused(403, "forbidden");
    const member = room.members.get(path.person);
    member.role = body.role;
    world.append(room, {
      type: "memberChanged",
      person: member.person,
      role: body.role,
      actor: me,
    });
    return member;
  },
  "DELETE /api/rooms/:room/members/:person": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    mayManage(room, me);
    world.removeMember(room, world.people.get(path.person), me);
    return [204];
  },
  "GET /api/rooms/:room/invitations": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    mayManage(room, me);
    return { items: [...room.invitations.values()].map(({ url: _once, ...open }) => open) };
  },
  "POST /api/rooms/:room/invite-links": ({ world, me, path, origin }) => {
    const room = world.room(path.room, me);
    mayManage(room, me);
    const token = uuid();
    const invitation = {
      id: uuid(),
      kind: "link",
      url: `${origin}/invite/${token}`,
      uses: 0,
      expires_at: new Date(Date.now() + 7 * 86_400_000).toISOString(),
      created_at: new Date().toISOString(),
      created_by: me,
    };
    room.invitations.set(invitation.id, invitation);
    world.links.set(token, { room, invitation });
    return [201, invitation];
  },
  "DELETE /api/rooms/:room/invitations/:id": ({ world, me, path }) => {
    world.room(path.room, me).invitations.delete(path.id);
    return [204];
  },
  "GET /api/invites/:token": ({ world, path }) => {
    const link = world.links.get(path.token);
    if (!link) throw new Refused(404, "not_found");
    const { id, name, kind, members } = link.room;
    return {
      room: { id, name, kind, members: members.size },
      invited_by: link.invitation.created_by,
    };
  },
  "POST /api/invites/:token": ({ world, me, path }) => {
    const link = world.links.get(path.token);
    if (!link) throw new Refused(404, "not_found");
    world.addMember(link.room, me, "member", link.invitation.created_by);
    return world.view(link.room, me);
  },
  "GET /api/rooms/:room/messages": ({ world, me, path, query }) => {
    const number = (name) => (query.has(name) ? Number(query.get(name)) : undefined);
    return world.history(
      world.room(path.room, me),
      {
        before: number("before"),
        after: number("after"),
        around: query.get("around") ?? undefined,
        limit: number("limit"),
      },
      me,
    );
  },
  "GET /api/rooms/:room/messages/:id": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    const message = room.messages.get(path.id);
    if (!message) throw new Refused(404, "not_found");
    return world.whole(room, message, me);
  },
  "GET /api/rooms/:room/messages/:id/revisions": ({ world, me, path }) => ({
    items: world.room(path.room, me).messages.get(path.id).texts,
  }),
  "PUT /api/rooms/:room/messages/:id/reactions/:emoji": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    world.react(room, room.messages.get(path.id), decodeURIComponent(path.emoji), me, true);
    return [204];
  },
  "DELETE /api/rooms/:room/messages/:id/reactions/:emoji": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    world.react(room, room.messages.get(path.id), decodeURIComponent(path.emoji), me, false);
    return [204];
  },
  "GET /api/rooms/:room/threads/:root": ({ world, me, path, query }) => {
    const number = (name) => (query.has(name) ? Number(query.get(name)) : undefined);
    const room = world.room(path.room, me);
    const page = { before: number("before"), after: number("after"), limit: number("limit") };
    const around = query.get("around") ?? undefined;
    return world.thread(room, room.messages.get(path.root), { ...page, around }, me);
  },
  "PUT /api/rooms/:room/threads/:root/follow": ({ world, me, path }) => {
    world.follow(world.room(path.room, me).messages.get(path.root), me);
    return [204];
  },
  "DELETE /api/rooms/:room/threads/:root/follow": ({ world, me, path }) => {
    world.room(path.room, me).messages.get(path.root).followers?.delete(me.id);
    return [204];
  },
  "PUT /api/rooms/:room/threads/:root/read": ({ world, me, path, body }) => {
    const root = world.room(path.room, me).messages.get(path.root);
    if (root.followers?.has(me.id)) root.followers.set(me.id, body.seq);
    return [204];
  },
  "GET /api/threads": ({ world, me }) => ({ items: world.threads(me) }),
  "GET /api/mentions": ({ world, me, query }) => {
    const items = world.inbox(me).filter(({ read }) => !read || query.get("unread") !== "true");
    return { items, unread: items.filter(({ read }) => !read).length };
  },
  "PUT /api/mentions/:id/read": ({ world, me, path }) => {
    world.readCalls.add(`${me.id} ${path.id}`);
    world.onCalled(me);
    return [204];
  },
  "POST /api/mentions/read": ({ world, me }) => {
    for (const { message } of world.inbox(me)) world.readCalls.add(`${me.id} ${message.id}`);
    world.onCalled(me);
    return [204];
  },
  "GET /api/unread": ({ world, me }) => ({
    mentions: world.inbox(me).filter(({ read }) => !read).length,
    threads: world.threads(me).filter(({ unread }) => unread > 0).length,
    rooms: [...world.rooms.values()]
      .filter((room) => room.members.has(me.id))
      .map((room) => world.view(room, me))
      .filter(({ unread }) => unread > 0)
      .map(({ id, last_read, unread }) => ({ room: id, last_read, unread, mentions: 0 })),
  }),
  "GET /api/me/notices": ({ world, me }) => ({
    everywhere: world.notices.get(me.id) ?? { level: "mentions" },
    rooms: [],
  }),
  "PUT /api/me/notices": ({ world, me, body }) => {
    world.notices.set(me.id, body);
    return [204];
  },
  "GET /api/drafts": ({ world, me }) => ({
    items: [...world.drafts.values()].filter(({ owner }) => owner === me.id),
  }),
  "PUT /api/rooms/:room/draft": ({ world, me, path, body }) =>
    world.draft(me, path.room, undefined, body.text),
  "PUT /api/rooms/:room/threads/:root/draft": ({ world, me, path, body }) =>
    world.draft(me, path.room, path.root, body.text),
  "PUT /api/rooms/:room/unread": ({ world, me, path, body }) => {
    world.room(path.room, me).read.set(me.id, body.seq - 1);
    return [204];
  },
  "PUT /api/rooms/:room/messages/:id": ({ world, me, path, body }) => {
    const room = world.room(path.room, me);
    const { message, created } = world.post(room, me, path.id, body.text, undefined, body);
    return [created ? 201 : 200, message];
  },
  "PATCH /api/rooms/:room/messages/:id": ({ world, me, path, body }) => {
    const room = world.room(path.room, me);
    const message = room.messages.get(path.id);
    if (message?.sender.id !== me.id) throw new Refused(403, "forbidden");
    return world.edit(room, message, me, body.text);
  },
  "DELETE /api/rooms/:room/messages/:id": ({ world, me, path }) => {
    const room = world.room(path.room, me);
    world.delete(room, room.messages.get(path.id), me);
    return [204];
  },
  "GET /api/rooms/:room/events": ({ world, me, path, query }) =>
    world.since(world.room(path.room, me), Number(query.get("after") ?? 0)),
  "PUT /api/rooms/:room/read": ({ world, me, path, body }) => {
    world.room(path.room, me).read.set(me.id, body.seq);
    return [204];
  },
};

const compiled = Object.entries(routes).map(([key, handle]) => {
  const [method, path] = key.split(" ");
  const pattern = new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
  return { method, pattern, handle };
});

export function find(method, path) {
  for (const route of compiled) {
    const match = route.method === method && route.pattern.exec(path);
    if (match) return { handle: route.handle, path: { ...match.groups } };
  }
  throw new Refused(404, "not_found");
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

/** The built client, with the policy that the real server sends. */
export async function sendFile(folder, path, response) {
  const name = extname(path) ? path : "/index.html";
  try {
    const body = await readFile(join(folder, name));
    const type = types[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}
