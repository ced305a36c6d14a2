import { expect, test } from "vitest";
import type { SharedFile } from "../api/types";
import { lineOfMessage } from "./line";

const file: SharedFile = { id: "f", name: "plan", media_type: "x/y", bytes: 1, link: "/f" };
const picture = { ...file, thumbnail: "/f/thumbnail" };

test("a message without text says what is in it instead", () => {
  expect(lineOfMessage({ text: "**hola**", files: [picture] })).toBe("hola");
  expect(lineOfMessage({ text: "", files: [picture] })).toBe("a picture");
  expect(lineOfMessage({ text: "", files: [picture, picture] })).toBe("2 pictures");
  expect(lineOfMessage({ text: "", files: [file] })).toBe("a file");
  expect(lineOfMessage({ text: "", files: [picture, file] })).toBe("2 files");
  expect(lineOfMessage({ text: undefined })).toBe("");
});
