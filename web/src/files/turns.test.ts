import { expect, test } from "vitest";
import { takeTurns } from "./turns";

const begun: string[] = [];
const made = (count: number, atOnce: number) => {
  begun.length = 0;
  const turns = takeTurns<{ key: string }>(atOnce, ({ key }) => begun.push(key));
  for (let at = 0; at < count; at += 1) turns.add({ key: `${at}` });
  return turns;
};

test("no more begin at a time than may, and the others in their order", () => {
  const turns = made(6, 4);
  expect(begun).toEqual(["0", "1", "2", "3"]);
  turns.end("2");
  expect(begun.slice(4)).toEqual(["4"]);
  turns.end("0");
  turns.end("1");
  expect(begun.slice(4)).toEqual(["4", "5"]);
});

test("one that is taken back before its turn never begins, and makes no place", () => {
  const turns = made(3, 1);
  turns.end("1");
  expect(begun).toEqual(["0"]);
  turns.end("0");
  expect(begun).toEqual(["0", "2"]);
});

test("one that ends twice makes one place", () => {
  const turns = made(4, 1);
  turns.end("0");
  turns.end("0");
  expect(begun).toEqual(["0", "1"]);
});
