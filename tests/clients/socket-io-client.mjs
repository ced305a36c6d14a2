// npm `socket.io-client` 4, unmodified, with its default transports, against the contract.
// Prints one line of JSON for the test that started it; any broken promise ends it with an error.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";

const { TERTULIA_URL: url, ANA_TOKEN: ana, LEO_TOKEN: leo, ROOM: room } = process.env;
const { FOREIGN_ROOM: foreign } = process.env;
const PATIENCE_MS = 30_000;
let sent = 0;

/** A socket that is connected. */
async function connect(token, options = {}) {
  const socket = io(url, { auth: { token }, forceNew: true, ...options });
  await once(socket, "connect");
  return socket;
}

/** The first argument of the next event `name` for which `fits`. */
function once(emitter, name, fits = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), PATIENCE_MS);
    const listener = (argument) => {
      if (!fits(argument)) return;
      clearTimeout(timer);
      emitter.off(name, listener);
      resolve(argument);
    };
    emitter.on(name, listener);
  });
}

/** Emits and waits for the acknowledgement. */
function call(socket, name, body) {
  return socket.timeout(PATIENCE_MS).emitWithAck(name, body);
}

/** Sends a message that nobody has sent before. */
async function send(socket, text) {
  const ack = await call(socket, "sendMessage", { room, text, client_message_id: randomUUID() });
  assert.equal(ack.ok, true, JSON.stringify(ack));
  sent += 1;
  return ack.message;
}

async function talkOnDefaultTransports() {
  const first = io(url, { auth: { token: ana }, forceNew: true });
  const transports = [first.io.engine.transport.name];
  const upgraded = once(first.io.engine, "upgrade");
  await once(first, "connect");
  const second = await connect(leo);
  for (const socket of [first, second]) {
    const joined = await call(socket, "join", { room });
    assert.equal(joined.ok, true, JSON.stringify(joined));
    assert.equal(joined.room, room);
    assert.equal(typeof joined.head, "number");
  }
  const heard = once(second, "message");
  const said = await send(first, "hello from JavaScript");
  const message = await heard;
  for (const field of ["id", "room", "seq", "sender", "text", "time", "created_at"]) {
    assert.deepEqual(message[field], said[field], field);
  }
  assert.equal(message.sender.username, "ana");
  transports.push((await upgraded).name);
  return { first, second, transports };
}

async function keepOrderWithoutWaiting(first, second) {
  const texts = [];
  const all = new Promise((resolve) => {
    second.on("message", (message) => {
      texts.push(message.text);
      if (texts.length === 200) resolve();
    });
  });
  const numbers = Array.from({ length: 200 }, (_, number) => `number ${number}`);
  await Promise.all(numbers.map((text) => send(first, text)));
  await Promise.race([all, once(second, "never")]);
  assert.deepEqual(texts, numbers);
  second.off("message");
}

async function refuseWhatIsNotTheirs(socket) {
  for (const [name, body] of [
    ["join", { room: foreign }],
    ["join", { room: foreign, after: 0 }],
    ["sendMessage", { room: foreign, text: "x", client_message_id: randomUUID() }],
  ]) {
    const ack = await call(socket, name, body);
    assert.equal(ack.ok, false, `${name} ${JSON.stringify(ack)}`);
    assert.equal(ack.problem.kind, "not_found");
  }
  const refused = io(url, { auth: { token: "nonsense" }, forceNew: true, reconnection: false });
  const error = await once(refused, "connect_error");
  assert.equal(error.data.kind, "unauthenticated", JSON.stringify(error.data));
  refused.close();
}

async function oneTransportOnly(transport) {
  const socket = await connect(ana, { transports: [transport] });
  const other = await connect(leo, { transports: [transport] });
  await call(other, "join", { room });
  const heard = once(other, "message", (message) => message.text === `by ${transport}`);
  await send(socket, `by ${transport}`);
  await heard;
  assert.equal(socket.io.engine.transport.name, transport);
  socket.close();
  other.close();
}

async function comeBackAndMissNothing(first, second) {
  const heard = once(second, "message", (message) => message.text === "before the gap");
  const last = await send(first, "before the gap");
  await heard;
  const gone = once(second, "disconnect");
  second.io.engine.close();
  await gone;
  const missed = [];
  for (let number = 0; number < 5; number += 1) missed.push(await send(first, `gap ${number}`));
  if (!second.connected) await once(second, "connect");
  const texts = [];
  const caught = new Promise((resolve) => {
    second.on("message", (message) => {
      texts.push(message.text);
      if (texts.length === missed.length) resolve();
    });
  });
  await call(second, "join", { room, after: last.seq });
  await Promise.race([caught, once(second, "never")]);
  assert.deepEqual(texts, missed.map((message) => message.text));
}

const { first, second, transports } = await talkOnDefaultTransports();
await keepOrderWithoutWaiting(first, second);
await refuseWhatIsNotTheirs(first);
await oneTransportOnly("polling");
await oneTransportOnly("websocket");
await comeBackAndMissNothing(first, second);
first.close();
second.close();
console.log(JSON.stringify({ sent, transports }));
process.exit(0);
