import { describe, expect, it } from "vitest";
import { autolink } from "./autolink";
import { backoffMs } from "./backoff";
import { parseRoute, paths } from "./router";
import { uuidV7 } from "./uuid";

const links = (text: string) => autolink(text).flatMap(({ href }) => href ?? []);

describe("autolink", () => {
  it.each([
    ["see https://a.example/x.", ["https://a.example/x"]],
    ["(https://a.example/x)", ["https://a.example/x"]],
    ["https://en.example/wiki/Tea_(drink)", ["https://en.example/wiki/Tea_(drink)"]],
    ["«https://a.example/ñ?q=1&r=2», ¿no?", ["https://a.example/ñ?q=1&r=2"]],
    ["http://a.example y https://b.example/", ["http://a.example", "https://b.example/"]],
    ["javascript:alert(1) data:text/html,x ftp://x", []],
    ["xhttps://a.example", []],
    ["https://", []],
  ])("%s", (text, expected) => {
    expect(links(text)).toEqual(expected);
  });

  it("keeps every character of the text", () => {
    const text = "a https://x.example/1, b\nhttp://y.example. <b>c</b>";
    expect(
      autolink(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});

describe("ids", () => {
  it("are version 7 and begin with their time", () => {
    const id = uuidV7(0x0123456789ab);
    expect(id).toMatch(/^01234567-89ab-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});

describe("waiting between attempts", () => {
  it("doubles up to 30 s, at least half of it certain", () => {
    const least = [1, 2, 3, 4, 5, 6, 9].map((attempt) => backoffMs(attempt, () => 0));
    expect(least).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(backoffMs(20, () => 1)).toBe(30_000);
  });
});

describe("addresses", () => {
  it.each([
    ["/", { page: "home" }],
    [paths.room("r1"), { page: "room", room: "r1" }],
    [paths.message("r1", "m1"), { page: "room", room: "r1", message: "m1" }],
    [paths.thread("r1", "m1"), { page: "room", room: "r1", thread: "m1" }],
    [
      paths.threadMessage("r1", "m1", "m2"),
      { page: "room", room: "r1", thread: "m1", message: "m2" },
    ],
    ["/inbox", { page: "inbox", tab: "all" }],
    ["/threads", { page: "inbox", tab: "threads" }],
    ["/r/r1/t/m1/x", { page: "unknown" }],
    ["/r/r1/m/m1/m/m2", { page: "unknown" }],
    [paths.invite("a b"), { page: "invite", token: "a b" }],
    ["/browse", { page: "browse" }],
    [paths.people, { page: "people", person: undefined }],
    [paths.person("p1"), { page: "people", person: "p1" }],
    ["/people/p1/x", { page: "unknown" }],
    ["/you", { page: "you" }],
    ["/r", { page: "unknown" }],
    ["/invite/%E0%A4%A", { page: "unknown" }],
  ])("%s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });
});
