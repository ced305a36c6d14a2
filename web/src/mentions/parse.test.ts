import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Mention, mentionsIn, stretches } from "./parse";

const file = new URL("../../../crates/protocol/vectors/mentions.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as { text: string; mentions: Mention[] }[];

describe("mentions", () => {
  it("has the examples that the server holds to", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(60);
  });

  it.each(vectors.map(({ text, mentions }) => [text, mentions] as const))(
    "%j",
    (text, expected) => {
      expect(mentionsIn(text)).toEqual(expected);
    },
  );

  it("keeps every letter of a run", () => {
    const run = "hola @ana, https://a.example/@b y <@0190c8f2-6d5c-7c3e-a1b2-3c4d5e6f7a8b>!";
    const whole = stretches(run).map((one) => (typeof one === "string" ? one : one.written));
    expect(whole.join("")).toBe(run);
    expect(whole).toHaveLength(5);
  });
});
