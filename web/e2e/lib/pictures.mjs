// Pictures made here, and messages that have them.
import { randomUUID } from "node:crypto";
import UPNG from "upng-js";

/** Waves of colour, so that nothing about it is small. */
export function png(width, height) {
  const pixels = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [at % width, Math.floor(at / width)];
    pixels.set([128 + 90 * Math.sin(x / 40), 128 + 90 * Math.cos(y / 30), 160, 255], at * 4);
  }
  return Buffer.from(UPNG.encode([pixels.buffer], width, height, 0));
}

/** The same as a browser writes it: `page` is any page of one. */
export async function jpeg(page, width, height) {
  const url = await page.evaluate(
    ([width, height]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      const colours = context.createLinearGradient(0, 0, width, height);
      colours.addColorStop(0, "teal");
      colours.addColorStop(1, "gold");
      context.fillStyle = colours;
      context.fillRect(0, 0, width, height);
      return canvas.toDataURL("image/jpeg");
    },
    [width, height],
  );
  return Buffer.from(url.split(",")[1], "base64");
}

/** Sends bytes to a room by the tus protocol; answers the file's id. */
export async function upload(server, token, room, name, bytes) {
  const headers = { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0" };
  const begun = await fetch(`${server.direct}/api/rooms/${room}/uploads`, {
    method: "POST",
    headers: {
      ...headers,
      "upload-length": String(bytes.length),
      "upload-metadata": `filename ${Buffer.from(name).toString("base64")}`,
    },
  });
  const place = begun.headers.get("location");
  const type = "application/offset+octet-stream";
  const sent = await fetch(server.direct + place, {
    method: "PATCH",
    headers: { ...headers, "upload-offset": "0", "content-type": type },
    body: bytes,
  });
  if (sent.status !== 204) throw new Error(`${name}: ${sent.status} ${await sent.text()}`);
  return place.split("/").pop();
}

/** Says something with files; answers the message. */
export const sayWith = (server, token, room, text, files) =>
  server.api(token, "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, { text, files });
