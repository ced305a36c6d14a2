import {
  EmojiPicker as Picker,
  type EmojiDataResolver,
  type EmojiPickerListComponents,
} from "frimousse";
import { useLocale, type Locale } from "../kit/locale";
import { m } from "../paraglide/messages.js";
import { chooseTone, noteUsed, useFrequent, useTone } from "./habits";
import { emojiNames } from "./names";
import { tones } from "./tones";
import "./emoji.css";

const COLUMNS = 9;

/** The data come from our own server; the component would ask a stranger's. */
const resolve: EmojiDataResolver = async (locale) => {
  const { categories, skinTones, emojis } = await emojiNames(locale as Locale);
  return {
    locale,
    categories,
    skinTones,
    emojis: emojis.map(({ emoji, category, label, tags, names, skins }) => ({
      emoji,
      category,
      label,
      version: 1,
      tags: [...tags, ...names],
      skins: skins && Object.fromEntries(tones.map((tone, at) => [tone, skins[at] ?? emoji])),
    })) as Awaited<ReturnType<EmojiDataResolver>>["emojis"],
  };
};

const components: Partial<EmojiPickerListComponents> = {
  CategoryHeader: ({ category, ...props }) => (
    <div {...props} className="category">
      {category.label}
    </div>
  ),
  // The library counts from 0, which ARIA does not know. It looks for a row by its number when it
  // scrolls, for the first one without need; all columns are there, so they need none.
  Row: ({ "aria-rowindex": index, ...props }) => (
    <div {...props} aria-rowindex={index || undefined} className="emoji-row" />
  ),
  Emoji: ({ emoji, ...props }) => (
    <button {...props} aria-colindex={undefined} type="button" title={emoji.label}>
      {emoji.emoji}
    </button>
  ),
};

interface Props {
  onPick: (emoji: string) => void;
}

/** All emoji, by name and by kind, those used last first. */
export default function EmojiPicker({ onPick }: Props) {
  const locale = useLocale();
  const tone = useTone();
  const frequent = useFrequent(COLUMNS);
  const pick = (emoji: string) => {
    noteUsed(emoji);
    onPick(emoji);
  };
  return (
    <Picker.Root
      className="emoji-picker"
      locale={locale}
      columns={COLUMNS}
      skinTone={tone}
      resolveEmojiData={resolve}
      onEmojiSelect={({ emoji }) => pick(emoji)}
    >
      <div className="top">
        <Picker.Search
          className="input"
          autoFocus
          aria-label={m.search_emoji()}
          placeholder={m.search_emoji()}
        />
        <Picker.SkinTone>
          {({ skinTone, skinToneVariations }) => (
            <button
              type="button"
              className="icon-btn"
              aria-label={m.skin_tone()}
              title={m.skin_tone()}
              onClick={() => {
                const at = skinToneVariations.findIndex((one) => one.skinTone === skinTone);
                const next = skinToneVariations[(at + 1) % skinToneVariations.length];
                if (next) chooseTone(next.skinTone);
              }}
            >
              {skinToneVariations.find((one) => one.skinTone === skinTone)?.emoji}
            </button>
          )}
        </Picker.SkinTone>
      </div>
      <div className="frequent" role="group" aria-label={m.emoji_recent()}>
        {frequent.map((emoji) => (
          <button key={emoji} type="button" onClick={() => pick(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
      <Picker.Viewport className="viewport" tabIndex={0} aria-label={m.emoji()}>
        <Picker.Loading>{m.loading()}</Picker.Loading>
        <Picker.Empty>{m.no_matches()}</Picker.Empty>
        <Picker.List components={components} />
      </Picker.Viewport>
      <div className="foot">
        <Picker.ActiveEmoji>
          {({ emoji }) => (emoji ? `${emoji.emoji} ${emoji.label}` : m.emoji_hint())}
        </Picker.ActiveEmoji>
      </div>
    </Picker.Root>
  );
}
