/** A believable workspace to look at while developing and in component tests. */
import { uuid } from "./world.mjs";

const minutesAgo = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

const deploys = [
  [2900, "mateo", "La versión 1.4.0 quedó en staging. Migración de mensajes en 38 s, sin bloqueo."],
  [2898, "mateo", "api 3/3 · p95 41 ms · rt 2/2 · 4.812 sockets"],
  [2880, "francisca", "Perfecto. ¿El índice alcanzó a terminar en la réplica?"],
  [2878, "mateo", "Sí, a los 38 s. Dejé el registro en https://runbook.example.org/despliegues?v=1.4.0 y la réplica quedó a 0,2 s."],
  [1500, "ben", "Nice. I'll attach the load report tomorrow."],
  [1440, "rodolfo", "Gracias a ambos.\nMañana a las 11 salimos a producción, salvo que alguien vea algo raro en los paneles durante la noche."],
  [62, "ignacia", "Anoche todo tranquilo. Un solo aviso de memoria a las 03:12 y se fue solo."],
  [61, "ignacia", "token: hvs.CAESIJ0"],
  [31, "francisca", "Hola Rodolfo, ¿puedes revisar el plan de reversa antes de las 11? Con que Mateo, que estuvo de turno, confirme el índice, salimos."],
  [29, "ben", "Load report: p99 stays under 60 ms with 4× traffic."],
  [28, "ben", "I'd say we are good to go."],
];

/** Fills `world`; answers with the person whose eyes we use. */
export function fillTown(world) {
  const people = Object.fromEntries(
    [
      ["rodolfo", "Rodolfo Peña"],
      ["francisca", "Francisca Muñoz"],
      ["mateo", "Mateo Silva"],
      ["ana", "Ana Torres"],
      ["ignacia", "Ignacia Rojas"],
      ["ben", "Ben Carter"],
      ["priya", "Priya Nair"],
      ["franco", "Franco Ibáñez"],
    ].map(([name, full]) => [name, world.addPerson(name, full)]),
  );
  const { rodolfo } = people;
  const say = (room, name, text, minutes) =>
    world.post(room, people[name], uuid(), text, minutesAgo(minutes));
  const make = (kind, name, topic, members) => {
    const room = world.addRoom(kind, name, topic, rodolfo);
    for (const member of members) world.addMember(room, people[member], "member", rodolfo);
    return room;
  };

  const topic = "Lo que sale a producción, y por qué. Congelado los viernes después de las 16:00.";
  const room = make("public", "despliegues", topic, ["francisca", "mateo", "ignacia", "ben", "ana"]);
  room.members.get(people.francisca.id).role = "moderator";
  for (const [minutes, name, text] of deploys) say(room, name, text, minutes);
  const messages = [...room.messages.values()];
  const slip = messages.find(({ text }) => text.startsWith("token"));
  world.edit(room, messages[4], people.ben, "Nice. I'll attach the load report in the morning.");
  world.delete(room, slip, people.ignacia);
  room.read.set(rodolfo.id, slip.seq);

  const general = make("public", "general", "Todo lo que nos toca a todos", Object.keys(people).slice(1));
  for (let at = 0; at < 6; at += 1) say(general, "ana", `Aviso ${at + 1} de la semana`, 300 - at);
  for (const [name, kind] of [["diseño", "public"], ["finanzas", "private"], ["postmortem-novb", "private"], ["random", "public"]]) {
    const other = make(kind, name, "", ["ana", "priya"]);
    say(other, "priya", "Dejé el borrador arriba, con los comentarios de la reunión.", 900);
    other.read.set(rodolfo.id, name === "diseño" ? 0 : other.events.length);
  }
  for (const [name, unread] of [["ana", true], ["mateo", false], ["priya", false]]) {
    const direct = world.addRoom("direct", "", "", rodolfo);
    world.addMember(direct, people[name], "member", rodolfo);
    say(direct, name, "Te dejé el borrador del informe, ¿lo ves hoy?", 45);
    direct.read.set(rodolfo.id, unread ? 0 : direct.events.length);
  }
  for (const [name, about] of [["runbooks", "Qué hacer cuando algo falla"], ["lecturas", "Artículos y libros"]]) {
    const other = world.addRoom("public", name, about, people.ana);
    world.addMember(other, people.priya, "member", people.ana);
  }
  return { people, room, general };
}
