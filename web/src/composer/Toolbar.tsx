import { openLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { IconButton } from "../ui/IconButton";
import type { IconName } from "../ui/Icon";
import type { Format } from "./format";

interface Props {
  onFormat: (format: Format) => void;
  onInsert: (words: string) => void;
  /** Opens the choice of files. */
  onFiles: () => void;
}

const formats = (): [Format, IconName, string][] => [
  ["bold", "bold", `${m.format_bold()} (Ctrl B)`],
  ["italic", "italic", `${m.format_italic()} (Ctrl I)`],
  ["code", "code", `${m.format_code()} (Ctrl E)`],
  ["list", "list", `${m.format_list()} (Ctrl Shift 8)`],
  ["quote", "quote", `${m.format_quote()} (Ctrl Shift 9)`],
];

/** What can be added to a text, for those who do not know the marks. */
export function Toolbar({ onFormat, onInsert, onFiles }: Props) {
  return (
    <div className="adding">
      <IconButton icon="clip" label={`${m.files_add()} (Ctrl U)`} onClick={onFiles} />
      <IconButton
        icon="smile"
        label={m.emoji_add()}
        onClick={(event) =>
          openLayer({ kind: "emoji", anchor: event.currentTarget, onPick: onInsert })
        }
      />
      <IconButton icon="at" label={m.call_somebody()} onClick={() => onInsert("@")} />
      <span className="formats">
        {formats().map(([format, icon, label]) => (
          <IconButton key={format} icon={icon} label={label} onClick={() => onFormat(format)} />
        ))}
      </span>
    </div>
  );
}
