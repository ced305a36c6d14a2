import { expect, it } from "vitest";
import { onlyEmoji } from "./only";

it.each([
  ["👍", true],
  ["👍🏽 🎉", true],
  ["👩‍💻", true],
  ["🇨🇱🇪🇸", true],
  ["❤️", true],
  ["👍👍👍👍", false],
  ["1", false],
  ["12#", false],
  ["ok 👍", false],
  ["", false],
])("%s is only emoji: %s", (text, only) => {
  expect(onlyEmoji(text)).toBe(only);
});
