import { expect, it } from "vitest";
import { emojiClosedAt, queryAt } from "./query";

it.each([
  ["@", { sign: "@", written: "", from: 0 }],
  ["hola @fran", { sign: "@", written: "fran", from: 5 }],
  ["(@jos\u00e9", { sign: "@", written: "josé", from: 1 }],
  ["¿@ana.t", { sign: "@", written: "ana.t", from: 1 }],
  ["mail@host", undefined],
  ["#gen", { sign: "#", written: "gen", from: 0 }],
  ["a#b", undefined],
  [":ta", { sign: ":", written: "ta", from: 0 }],
  [":t", undefined],
  ["a las 10:30", undefined],
  ["`@ana", undefined],
  ["`x` @ana", { sign: "@", written: "ana", from: 4 }],
  ["```\n@ana", undefined],
  ["```\nx\n```\n@ana", { sign: "@", written: "ana", from: 10 }],
  ["@ana ", undefined],
  ["你好@小", { sign: "@", written: "小", from: 2 }],
  ["𠮷@", { sign: "@", written: "", from: 2 }],
  ["안녕@", undefined],
  ["/", { sign: "/", written: "", from: 0 }],
  ["/to", { sign: "/", written: "to", from: 0 }],
  ["/topic ", undefined],
  ["//", undefined],
  ["1/2", undefined],
])("%j asks for %j", (text, expected) => {
  expect(queryAt(text, text.length)).toEqual(expected);
});

it("asks for what is before the caret", () => {
  expect(queryAt("@ana viene", 4)?.written).toBe("ana");
});

it.each([
  ["ok :tada:", "tada"],
  [":+1:", "+1"],
  ["10:30:", undefined],
  ["`:tada:", undefined],
])("%j closes %s", (text, name) => {
  expect(emojiClosedAt(text, text.length)?.name).toBe(name);
});
