import { describe, expect, it } from "vitest";
import { safeAddress } from "./address";
import { parse, plainLine } from "./parse";

const kinds = (text: string) => parse(text).children.map(({ type }) => type);

describe("Markdown", () => {
  it.each([
    ["just words, and a comma", ["paragraph"]],
    ["one\n\ntwo", ["paragraph", "paragraph"]],
    ["```rust\nfn main() {}\n```", ["code"]],
    ["> said\n\nanswer", ["blockquote", "paragraph"]],
    ["- a\n- b", ["list"]],
    ["3. a\n4. b", ["list"]],
    ["# big", ["heading"]],
    ["#general", ["paragraph"]],
    ["two\n---", ["paragraph", "thematicBreak"]],
    ["<b>no</b>", ["paragraph"]],
    ["<script>alert(1)</script>", ["paragraph"]],
    ["    four spaces", ["code"]],
    ["[a]: https://a.example", ["paragraph"]],
  ])("%j is %j", (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it.each([
    ["**strong**, _soft_, ~~gone~~ and `code`", "strong, soft, gone and code"],
    ["a **b", "a **b"],
    ["snake_case_name and 2*3*4", "snake_case_name and 234"],
    ["&amp; &lt;b&gt;", "&amp; &lt;b&gt;"],
    ["<b>bold</b>", "<b>bold</b>"],
    ["![picture](https://a.example/x.png)", "!picture"],
    ["~one~", "~one~"],
    ["a\nb", "a b"],
    ["- one\n- two", "one two"],
  ])("%j says %j", (text, expected) => {
    expect(plainLine(text)).toBe(expected);
  });

  it.each([
    ["quotes", ">".repeat(16_384)],
    ["brackets", "[".repeat(16_384)],
    ["stars", "*a_".repeat(5000)],
    ["links", "[a](".repeat(4000)],
    ["fences", "`".repeat(16_000)],
    ["lists", "- ".repeat(8000)],
    ["tildes", "~~a".repeat(5000)],
    ["just under the limit: stars", "*a_".repeat(990)],
    ["just under the limit: brackets", "[".repeat(1990)],
    ["just under the limit: links", "[a](".repeat(990)],
    ["just under the limit: quotes", ">".repeat(1990)],
    ["lists in lists", Array.from({ length: 170 }, (_, at) => `${" ".repeat(at)}- a`).join("\n")],
    ["addresses", "https://a.example/".repeat(900)],
    ["at signs", "a@b.".repeat(4000)],
    ["dashes", "- ".repeat(800)],
  ])("does not hang on many %s", (_name, text) => {
    expect(parse(text).type).toBe("root");
  });
});

describe("addresses", () => {
  it.each([
    ["https://a.example/x", "https://a.example/x"],
    ["mailto:ana@example.org", "mailto:ana@example.org"],
    ["javascript:alert(1)", undefined],
    [" javascript:alert(1)", undefined],
    ["java\nscript:alert(1)", undefined],
    ["JaVaScRiPt:alert(1)", undefined],
    ["data:text/html,<script>alert(1)</script>", undefined],
    ["vbscript:msgbox(1)", undefined],
    ["blob:https://a.example/1", undefined],
    ["/r/1", undefined],
    ["//evil.example", undefined],
  ])("%s", (address, expected) => {
    expect(safeAddress(address)).toBe(expected);
  });
});
