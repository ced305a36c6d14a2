// What screens are arranged with.
import { focusOn } from "./focus.mjs";

/** Leaves requests to a part of the API without an answer. */
export const hold = (page, pattern) => page.route(pattern, () => new Promise(() => {}));

const answerProblem = (page, pattern, status, kind) =>
  page.route(pattern, (route) =>
    route.fulfill({
      status,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: `/problems/${kind}`,
        kind,
        title: kind,
        status,
        instance: "019ab000-0000-7000-8000-000000000000",
      }),
    }),
  );

/** Answers them as a server that is out of order. */
export const refuse = (page, pattern) => answerProblem(page, pattern, 503, "unavailable");

/** Answers them with a no that is not asked for again. */
export const refuseForGood = (page, pattern) => answerProblem(page, pattern, 403, "forbidden");

export async function room(person, town, name = "despliegues") {
  await person.page.goto(`${person.server.url}/r/${town.rooms[name]}`);
  await person.page.locator(".timeline article.message, .room-start").first().waitFor();
}

/** The newest message of the room, with the focus. */
export async function newest(person, town, name) {
  await room(person, town, name);
  const message = person.page.locator(".timeline article.message").last();
  await focusOn(message);
  return message;
}
