import { beforeAll, expect, it } from "vitest";
import { notePeople } from "./known";
import { fromWire, toWire } from "./wire";

const id = "0190c8f2-6d5c-7c3e-a1b2-3c4d5e6f7a8b";
beforeAll(() => notePeople([{ id, username: "Ana.Torres", display_name: "Ana" }]));

it.each([
  ["@ana.torres", `<@${id}>`],
  ["hola @Ana.Torres, ¿vienes?", `hola <@${id}>, ¿vienes?`],
  ["**@ana.torres**: `@ana.torres`", `**<@${id}>**: \`@ana.torres\``],
  ["```\n@ana.torres\n```\n(@ana.torres.)", `\`\`\`\n@ana.torres\n\`\`\`\n(<@${id}>.)`],
  ["> @ana.torres\n> dos\n\n- @ana.torres", `> <@${id}>\n> dos\n\n- <@${id}>`],
  ["[@ana.torres](https://a.example) https://a.example/@ana.torres", undefined],
  ["@nobody @room x@ana.torres", undefined],
  ["\\*literal\\* x", undefined],
])("%j is sent as %j", (text, wire = text) => {
  expect(toWire(text)).toBe(wire);
});

it("is edited as it was written", () => {
  expect(fromWire(`hola <@${id}>, y \`<@${id}>\``)).toBe(`hola @Ana.Torres, y \`<@${id}>\``);
});
