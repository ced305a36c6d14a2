// A program that speaks, for servers that are to have a voice.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RATE = 22_050;

/** Puts a program into a folder that says a tone of so many seconds; answers where it is. */
export function voice(folder, seconds) {
  const count = Math.round(RATE * seconds);
  const samples = Buffer.alloc(count * 2);
  for (let at = 0; at < count; at += 1)
    samples.writeInt16LE(Math.round(6_000 * Math.sin(at / 16)), at * 2);
  const head = Buffer.from("RIFF\xff\xff\xff\xffWAVEfmt ", "latin1");
  const format = Buffer.alloc(20);
  [[16, 4], [1, 2], [1, 2], [RATE, 4], [RATE * 2, 4], [2, 2], [16, 2]].reduce(
    (at, [value, bytes]) => format.writeUIntLE(value, at, bytes),
    0,
  );
  const wav = join(folder, "tone.wav");
  const size = Buffer.from("data\xff\xff\xff\xff", "latin1");
  writeFileSync(wav, Buffer.concat([head, format, size, samples]));
  const script = join(folder, "speak.sh");
  writeFileSync(script, `#!/bin/sh\ncat > /dev/null\nexec cat '${wav}'\n`);
  chmodSync(script, 0o755);
  return script;
}
