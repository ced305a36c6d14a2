// A small town to look at: people, rooms and conversations as a team would have them.
import { randomUUID } from "node:crypto";

const people = [
  ["ana", "Ana Torres"],
  ["leo", "Leo Martín"],
  ["francisca", "Francisca Muñoz"],
  ["mateo", "Mateo Silva"],
  ["ben", "Ben Carter"],
];

const talk = [
  ["mateo", "La versión 1.4.0 quedó en staging. La migración tardó 38 s, sin bloqueo."],
  ["mateo", "api 3/3 · p95 41 ms · 4.812 conexiones"],
  ["francisca", "Perfecto. ¿El índice alcanzó a terminar en la réplica?"],
  ["mateo", "Sí, a los 38 s. El registro está en https://runbook.example.org/despliegues?v=1.4.0"],
  ["ben", "Nice. I'll attach the load report tomorrow."],
  ["ana", "Gracias a ambos.\nMañana a las 11 salimos a producción, salvo que alguien vea algo raro."],
  ["leo", "Anoche todo tranquilo. Un solo aviso de memoria a las 03:12, y se fue solo."],
  ["francisca", "¿Puedes revisar el plan de reversa antes de las 11?"],
  ["ana", "Revisado: dos pasos, cuatro minutos."],
  ["ben", "Load report: p99 stays under 60 ms with 4× traffic."],
  ["ben", "I'd say we are good to go."],
];

/** A thread, reactions, a quotation, code, and somebody called by name. */
async function talkOn(server, tokens, room, said) {
  const post = (name, body) =>
    server.api(tokens[name], "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, body);
  const react = (name, message, emoji) => {
    const path = `/api/rooms/${room}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`;
    return server.api(tokens[name], "PUT", path);
  };
  const [root] = said;
  await post("francisca", { text: "¿El `CONCURRENTLY` terminó?", thread: root.id });
  await post("mateo", { text: "Sí, a los **38 s**.", thread: root.id });
  await post("ana", { text: "Perfecto, gracias.", thread: root.id });
  for (const name of ["ana", "leo", "ben"]) await react(name, root, "🚀");
  await react("francisca", root, "👀");
  const code = "```rust\npub async fn append(tx: &Tx) -> Result<Seq> {\n    Ok(head + 1)\n}\n```";
  await post("mateo", { text: `Queda así:\n${code}` });
  const called = await post("francisca", { text: "Gracias, @mateo. @ana, ¿confirmas la hora?" });
  await post("ben", { text: "11:00 for me 🎉", quote: called.id });
}

/** Fills a server; answers tokens and ids of rooms by name, the first message, and one of Ana's. */
export async function fillTown(server) {
  const tokens = {};
  for (const [name, displayName] of people) {
    tokens[name] = await server.account(name, displayName);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const rooms = {};
  const make = async (owner, kind, name, topic, members) => {
    const room = await server.api(tokens[owner], "POST", "/api/rooms", { kind, name, topic });
    for (const username of members) {
      await server.api(tokens[owner], "POST", `/api/rooms/${room.id}/members`, { username });
    }
    rooms[name] = room.id;
  };
  const topic = "Lo que sale a producción, y por qué. Congelado los viernes después de las 16:00.";
  const others = people.map(([name]) => name).filter((name) => name !== "ana");
  await make("ana", "public", "despliegues", topic, others);
  await make("ana", "public", "general", "Todo lo que nos toca a todos", others);
  await make("ana", "private", "finanzas", "Presupuesto y cierre de mes", ["francisca"]);
  await make("leo", "public", "diseño", "Bocetos, pruebas y críticas amables", ["ana", "ben"]);
  await make("mateo", "public", "música para trabajar", "Una canción al día", ["ben"]);
  const said = [];
  for (const [name, text] of talk) {
    const path = `/api/rooms/${rooms.despliegues}/messages/${randomUUID()}`;
    said.push(await server.api(tokens[name], "PUT", path, { text }));
  }
  const edited = `/api/rooms/${rooms.despliegues}/messages/${said[4].id}`;
  const text = "Nice. I'll attach the load report in the morning.";
  await server.api(tokens.ben, "PATCH", edited, { text });
  await server.api(tokens.mateo, "DELETE", `/api/rooms/${rooms.despliegues}/messages/${said[1].id}`);
  await talkOn(server, tokens, rooms.despliegues, said);
  const general = `/api/rooms/${rooms.general}/messages`;
  for (const line of ["Buenos días", "¿Quién trae el pan mañana?", "Yo lo traigo"]) {
    await server.api(tokens.leo, "PUT", `${general}/${randomUUID()}`, { text: line });
  }
  const direct = await server.api(tokens.ana, "POST", "/api/direct", { username: "leo" });
  rooms.leo = direct.id;
  const hello = `/api/rooms/${direct.id}/messages/${randomUUID()}`;
  await server.api(tokens.leo, "PUT", hello, { text: "¿Almorzamos juntos?" });
  const read = { seq: said[5].seq };
  await server.api(tokens.ana, "PUT", `/api/rooms/${rooms.despliegues}/read`, read);
  const links = `/api/rooms/${rooms.finanzas}/invite-links`;
  const link = await server.api(tokens.ana, "POST", links, { uses_max: 5 });
  return { tokens, rooms, first: said[0], ofAna: said[5], invite: new URL(link.url).pathname };
}
