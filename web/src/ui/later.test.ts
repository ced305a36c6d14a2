import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { later } from "./later";

const Part = ({ name }: { name: string }) => createElement("b", null, name);
const Meanwhile = () => createElement("i", null, "…");

describe("a part that comes later", () => {
  it("is shown at once when its code is here, and nothing instead of it first", async () => {
    const Later = later(async () => ({ default: Part }), Meanwhile);
    expect(renderToString(createElement(Later, { name: "tea" }))).toBe("<i>…</i>");
    await Later.load();
    expect(renderToString(createElement(Later, { name: "tea" }))).toBe("<b>tea</b>");
  });

  it("is asked for again when it could not be had, and then no more", async () => {
    let asked = 0;
    const Later = later(async () => {
      asked += 1;
      if (asked === 1) throw new Error("the network is away");
      return { default: Part };
    }, Meanwhile);
    await expect(Later.load()).rejects.toThrow("the network is away");
    expect(renderToString(createElement(Later, { name: "tea" }))).toBe("<i>…</i>");
    await Later.load();
    await Later.load();
    expect(asked).toBe(2);
    expect(renderToString(createElement(Later, { name: "tea" }))).toBe("<b>tea</b>");
  });
});
