// From the package of emoji names to src/emoji/generated/*.json: what the picker and `:name:`
// need, per language. It is loaded from our own server when it is first needed.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** What the fonts of today's systems can draw. */
const VERSION_MAX = 15.1;
const require = createRequire(import.meta.url);
const read = async (path) =>
  JSON.parse(await readFile(require.resolve(`emojibase-data/${path}`), "utf8"));

const listed = (names) => (names === undefined ? [] : [names].flat());
const tones = ["light", "medium-light", "medium", "medium-dark", "dark"];
const capital = (text) => text[0].toUpperCase() + text.slice(1);

async function data(locale, lists) {
  const [emojis, words] = await Promise.all([
    read(`${locale}/data.json`),
    read(`${locale}/messages.json`),
  ]);
  const groups = words.groups.filter(({ key }) => key !== "component");
  const rows = emojis
    .filter(
      ({ group, version }) => groups.some(({ order }) => order === group) && version <= VERSION_MAX,
    )
    .map((one) => {
      const names = [...new Set(lists.flatMap((list) => listed(list[one.hexcode])))];
      const skins = one.skins
        ?.filter(({ tone }) => typeof tone === "number")
        .map(({ emoji }) => emoji);
      return [one.emoji, one.group, one.label, one.tags ?? [], names, ...(skins ? [skins] : [])];
    });
  return {
    categories: groups.map(({ order, message }) => ({ index: order, label: capital(message) })),
    skinTones: Object.fromEntries(
      tones.map((tone) => [tone, capital(words.skinTones.find(({ key }) => key === tone).message)]),
    ),
    rows,
  };
}

const folder = new URL("../src/emoji/generated/", import.meta.url);
await mkdir(folder, { recursive: true });
// `:+1:` and the like are known everywhere; each language has its own words besides.
const github = await read("en/shortcodes/github.json");
for (const locale of ["en", "es"]) {
  const own = await read(`${locale}/shortcodes/cldr.json`);
  await writeFile(
    new URL(`${locale}.json`, folder),
    JSON.stringify(await data(locale, [github, own])),
  );
}
