import { expect, it } from "vitest";
import { isKnown, mutedSeconds, readCommand, unescaped } from "./commands";

it.each([
  ["/topic Lo de hoy", { name: "topic", words: "Lo de hoy" }],
  ["  /Leave ", { name: "leave", words: "" }],
  ["/topic uno\ndos", { name: "topic", words: "uno\ndos" }],
  ["/nada de esto", { name: "nada", words: "de esto" }],
  ["/etc/hosts no está", undefined],
  ["/", undefined],
  ["/ 2", undefined],
  ["//topic", undefined],
  ["mira /topic", undefined],
])("%j asks for %j", (text, expected) => {
  expect(readCommand(text)).toEqual(expected);
});

it.each([
  ["//topic", "/topic"],
  ["//topic de hoy", "/topic de hoy"],
  ["// un comentario", "// un comentario"],
  ["//example.org/x", "//example.org/x"],
  ["/topic", "/topic"],
])("%j is sent as %j", (text, expected) => {
  expect(unescaped(text)).toBe(expected);
});

it.each([
  ["", 3600],
  ["8h", 28_800],
  ["2 D", 172_800],
  ["0h", undefined],
  ["mucho", undefined],
])("%j mutes for %j seconds", (words, expected) => {
  expect(mutedSeconds(words)).toBe(expected);
});

it("knows its names", () => {
  expect([isKnown("mute"), isKnown("mutes"), isKnown("constructor")]).toEqual([true, false, false]);
});
