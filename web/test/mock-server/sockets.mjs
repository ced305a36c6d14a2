/** The socket half of the mock server: the contract's events over a `World`. */
import { Refused } from "./world.mjs";

/** Serves `io`; answers with what stops the heartbeat. */
export function serveSockets({ io, world, faults, personOf, random }) {
  io.use((socket, next) => {
    socket.data.me = personOf(socket.handshake.headers);
    if (socket.data.me && !faults.down) return next();
    const refused = new Refused(401, "unauthenticated");
    next(Object.assign(new Error("unauthenticated"), { data: refused.body }));
  });

  io.on("connection", (socket) => {
    const { me } = socket.data;
    void socket.join(`person:${me.id}`);
    const on = (name, handle) =>
      socket.on(name, (payload, ack) => {
        let result;
        try {
          result = { ok: true, ...handle(payload) };
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          result = { ok: false, problem: error.body };
        }
        if (random() >= faults.dropAcks) ack?.(result);
      });
    on("join", ({ room: id, after }) => {
      const room = world.room(id, me);
      void socket.join(id);
      if (after !== undefined)
        for (const event of world.since(room, after, 1000).items) deliver(socket, event);
      return { room: id, head: room.events.length, log_id: room.log_id };
    });
    on("sendMessage", ({ room, text, client_message_id, ...answering }) =>
      world.post(world.room(room, me), me, client_message_id, text, undefined, answering),
    );
    on("setPresence", () => {});
    on("watchPresence", ({ people }) => ({
      people: people.map((person, at) => ({ person, state: ["online", "away", "off"][at % 3] })),
    }));
    on("markRead", ({ room: id, seq }) => {
      const room = world.room(id, me);
      room.read.set(me.id, Math.max(seq, room.read.get(me.id) ?? 0));
      const { last_read, unread } = world.view(room, me);
      const numbers = { room: id, last_read, unread, mentions: 0 };
      io.to(`person:${me.id}`).emit("readChanged", numbers);
    });
    on("typing", ({ room, thread }) => {
      socket.to(room).emit("typing", { room, thread, person: me });
    });
  });

  function deliver(target, event) {
    if (random() >= faults.dropEvents) target.emit(event.type, event);
  }

  world.onEvent = (room, event) => {
    if (event.type === "memberLeft") io.in(`person:${event.person.id}`).socketsLeave(room.id);
    for (const id of io.of("/").adapter.rooms.get(room.id) ?? []) {
      const socket = io.of("/").sockets.get(id);
      if (socket) deliver(socket, event);
    }
  };
  world.onCalled = (person) => io.to(`person:${person.id}`).emit("unreadChanged", {});
  world.onDraft = (person, draft) => io.to(`person:${person.id}`).emit("draftChanged", draft);
  world.onRooms = (person) => io.to(`person:${person.id}`).emit("roomsChanged", {});

  const heartbeat = setInterval(() => {
    for (const socket of io.of("/").sockets.values()) {
      const mine = [...world.rooms.values()].filter((room) => room.members.has(socket.data.me.id));
      socket.emit("heads", {
        rooms: Object.fromEntries(mine.map((room) => [room.id, room.events.length])),
      });
    }
  }, 2000);
  return () => clearInterval(heartbeat);
}
