// The official JavaScript client, unmodified: node story.mjs <url> <default|polling|websocket>
import assert from "node:assert/strict";
import { once } from "node:events";
import { io } from "socket.io-client";

const [url, transport] = process.argv.slice(2);
const options = {
  forceNew: true,
  reconnectionDelay: 20,
  reconnectionDelayMax: 100,
  ...(transport === "default" ? {} : { transports: [transport] }),
};
const MESSAGES = 1000;
const IN_FLIGHT = 16;
const until = async (isTrue) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const connect = async (auth, more = {}) => {
  const socket = io(url, { ...options, ...more, auth });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
};

async function refusedWithAReason() {
  const error = await connect({}).catch((error) => error);
  assert.equal(error.message, "Not signed in");
  assert.deepEqual(error.data, { status: 401, code: "unauthenticated" });
  const stranger = io(`${url}/admin`, options);
  const [invalid] = await once(stranger, "connect_error");
  assert.equal(invalid.message, "Invalid namespace");
  stranger.disconnect();
}

/** A follower that notes the order of what it receives, also over reconnections. */
async function follower(name, room) {
  const socket = io(url, { ...options, auth: { token: name } });
  const seqs = [];
  socket.on("message", (message) => seqs.push(message.seq));
  socket.on("connect", () => socket.emit("join", { room, after: seqs.at(-1) ?? 0 }));
  await once(socket, "connect");
  return { socket, seqs };
}

async function messagesInOrder(room) {
  const { socket: reader, seqs } = await follower("reader", room);
  const writer = await connect({ token: "writer" });
  if (transport === "default") {
    await until(() => writer.io.engine.transport.name === "websocket");
  } else {
    assert.equal(writer.io.engine.transport.name, transport);
  }
  let inFlight = 0;
  for (let n = 0; n < MESSAGES; n += 1) {
    await until(() => inFlight < IN_FLIGHT);
    inFlight += 1;
    const message = { room, text: `n ${n} ñ`, client_message_id: n };
    writer
      .timeout(10_000)
      .emitWithAck("sendMessage", message)
      .then((answer) => {
        assert.equal(answer.ok, true);
        assert.equal(answer.seq, n + 1);
        inFlight -= 1;
      });
  }
  await until(() => seqs.length >= MESSAGES);
  assert.deepEqual(seqs, Array.from({ length: MESSAGES }, (_, n) => n + 1));
  return { reader, writer, seqs };
}

async function lateAcksTimeOut(socket) {
  await assert.rejects(socket.timeout(100).emitWithAck("silence", {}), /timed out/);
  assert.deepEqual(await socket.timeout(5_000).emitWithAck("echo", "x", { y: [1] }), ["x", { y: [1] }]);
}

async function reconnectsAndMissesNothing({ reader, writer, seqs }, room) {
  for (let round = 0; round < 3; round += 1) {
    await until(() => reader.connected);
    const gone = once(reader, "disconnect");
    reader.io.engine.close();
    assert.equal((await gone)[0], "forced close");
    for (let n = 0; n < 20; n += 1) {
      await writer.timeout(10_000).emitWithAck("sendMessage", { room, text: "meanwhile" });
    }
  }
  await until(() => seqs.length >= MESSAGES + 60);
  assert.deepEqual(seqs, Array.from({ length: MESSAGES + 60 }, (_, n) => n + 1));
}

async function reasonsOfDisconnection(writer) {
  const sentAway = await connect({ token: "a" });
  const away = once(sentAway, "disconnect");
  sentAway.emit("quit");
  assert.equal((await away)[0], "io server disconnect");
  assert.equal(sentAway.active, false, "it does not come back by itself");

  const broken = await connect({ token: "b" });
  const closed = once(broken, "disconnect");
  broken.io.engine.write("9 is no packet");
  // A poll that fails is an error, a WebSocket that closes is none.
  const reasons = { polling: /^transport error$/, websocket: /^transport close$/ };
  assert.match((await closed)[0], reasons[transport] ?? /^transport (close|error)$/);
  await once(broken, "connect");

  for (const socket of [broken, writer]) {
    const left = once(socket, "disconnect");
    socket.disconnect();
    assert.equal((await left)[0], "io client disconnect");
  }
}

const room = `room-${transport}`;
await refusedWithAReason();
const people = await messagesInOrder(room);
await lateAcksTimeOut(people.writer);
await reconnectsAndMissesNothing(people, room);
await reasonsOfDisconnection(people.writer);
people.reader.disconnect();
console.log("the story is told");
