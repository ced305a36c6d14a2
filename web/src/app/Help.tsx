import { usePreference } from "../kit/preferences";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";

const sending = { enter: ["Enter", "Shift Enter"], ctrl: ["Ctrl Enter", "Enter"] } as const;

const keys = ([send, newLine]: readonly [string, string]): [string[], string][] => [
  [["Ctrl K"], m.help_switcher()],
  [["Alt ↑", "Alt ↓"], m.help_room()],
  [["Alt Shift ↑", "Alt Shift ↓"], m.help_unread_room()],
  [["F6", "Shift F6"], m.help_regions()],
  [[send], m.help_send()],
  [[newLine], m.help_newline()],
  [["↑"], m.help_edit_last()],
  [["Esc"], m.help_escape()],
  [["↑", "↓", "PgUp", "PgDn", "Home", "End"], m.help_timeline()],
  [["R", "T", "E"], m.help_message_answer()],
  [["P"], m.help_play()],
  [["Space", "←", "→"], m.help_player()],
  [["+", "S", "C", "U", "Del"], m.help_message()],
  [["Ctrl B", "Ctrl I", "Ctrl E"], m.help_format()],
  [["Ctrl Shift 8", "Ctrl Shift 9"], m.help_lines()],
  [["Ctrl U"], m.files_add()],
  [["@", "#", ":", "/"], m.help_calls()],
  [["Ctrl Shift M"], m.inbox()],
  [["J", "K", "Enter", "E"], m.help_inbox()],
  [["Shift Esc"], m.help_read_all()],
  [["F8"], m.help_notifications()],
  [["Ctrl /"], m.keyboard_help()],
];

export default function Help() {
  const send = usePreference("sendKey");
  return (
    <Dialog title={m.keyboard_help()}>
      {/* On a phone it is longer than the screen, and only a focus can scroll it by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- What scrolls takes it. */}
      <section className="body" tabIndex={0} aria-label={m.keyboard_help()}>
        <dl className="shortcuts">
          {keys(sending[send]).map(([list, what]) => (
            <div key={what} className="pair">
              <dt>{what}</dt>
              <dd>
                {list.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </Dialog>
  );
}
