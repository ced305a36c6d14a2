import type { ReactNode } from "react";
import { useSync } from "../app/context";
import { openLayer } from "../app/layers";
import { chooseLocale, localeNames, locales, useLocale } from "../kit/locale";
import { prefer, type Preferences, usePreference } from "../kit/preferences";
import { chooseTheme, themeName, themes, useTheme } from "../kit/theme";
import { NoticeSettings } from "../notices/Notices";
import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { accountPath } from "../sign-in/paths";
import { Icon } from "../ui/Icon";
import { Segmented } from "../ui/Segmented";
import { OwnPicture } from "./OwnPicture";
import { PresenceSetting } from "./PresenceSetting";
import "../ui/listbox.css";
import "./profile.css";

/** Who I am, and how I like it on this device. */
export default function YouPage() {
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.profile()}</h1>
      </header>
      <div className="page-body">
        <div className="column settings">
          <Who />
          <Section title={m.notifications()}>
            <NoticeSettings />
            <Preferred
              name="sound"
              label={m.sound()}
              note={m.sound_note()}
              options={{ off: m.off(), on: m.on() }}
            />
          </Section>
          <Section title={m.presence_section()}>
            <PresenceSetting />
          </Section>
          <Appearance />
          <Writing />
          <Reading />
          <Ways />
        </div>
      </div>
    </>
  );
}

function Who() {
  const me = useSync((state) => state.me);
  return (
    <section className="card who" aria-label={m.profile()}>
      <OwnPicture />
      <div>
        <b>{me.person.display_name}</b>
        <small>@{me.person.username}</small>
        {me.email && <small>{me.email}</small>}
      </div>
      <a className="btn" href={accountPath}>
        {m.account()}
      </a>
    </section>
  );
}

interface SectionProps {
  title: string;
  children: ReactNode;
}

export function Section({ title, children }: SectionProps) {
  return (
    <section className="card section">
      <h2>{title}</h2>
      <div className="choices">{children}</div>
    </section>
  );
}

function Appearance() {
  const locale = useLocale();
  const theme = useTheme();
  return (
    <Section title={m.appearance()}>
      <div>
        <Segmented
          label={m.theme()}
          value={theme}
          options={themes.map((value) => ({ value, label: themeName(value) }))}
          onChange={chooseTheme}
        />
        <p className="note">{m.theme_note()}</p>
      </div>
      <Preferred
        name="density"
        label={m.density()}
        options={{ comfy: m.density_comfy(), compact: m.density_compact() }}
      />
      <Preferred
        name="roomOrder"
        label={m.room_order()}
        note={m.room_order_note()}
        options={{ name: m.room_order_name(), attention: m.room_order_attention() }}
      />
      <Segmented
        label={m.language()}
        value={locale}
        options={locales.map((value) => ({ value, label: localeNames[value] }))}
        onChange={chooseLocale}
      />
    </Section>
  );
}

function Writing() {
  return (
    <Section title={m.writing()}>
      <Preferred
        name="sendKey"
        label={m.send_key()}
        options={{ enter: m.send_key_enter(), ctrl: m.send_key_ctrl() }}
      />
    </Section>
  );
}

function Reading() {
  return (
    <Section title={m.access_section()}>
      <Preferred
        name="letters"
        label={m.letters()}
        note={m.letters_note()}
        options={{ on: m.on(), off: m.off() }}
      />
      <Preferred
        name="spoken"
        label={m.spoken()}
        note={m.spoken_note()}
        options={{ all: m.spoken_all(), mentions: m.spoken_mentions(), off: m.spoken_off() }}
      />
    </Section>
  );
}

interface PreferredProps<K extends keyof Preferences> {
  name: K;
  label: string;
  note?: string;
  options: Readonly<Record<Preferences[K], string>>;
}

function Preferred<K extends keyof Preferences>({ name, label, note, options }: PreferredProps<K>) {
  const value = usePreference(name);
  const entries = Object.entries(options) as [Preferences[K], string][];
  return (
    <div>
      <Segmented
        label={label}
        value={value}
        options={entries.map(([one, words]) => ({ value: one, label: words }))}
        onChange={(next) => prefer(name, next)}
      />
      {note && <p className="note">{note}</p>}
    </div>
  );
}

function Ways() {
  return (
    <section className="card ways" aria-label={m.actions()}>
      <button type="button" className="option" onClick={() => openLayer({ kind: "help" })}>
        <Icon name="keyboard" small />
        {m.keyboard_help()}
        <span className="end">
          <kbd>Ctrl /</kbd>
        </span>
      </button>
      <button type="button" className="option" onClick={() => openLayer({ kind: "sign-out" })}>
        <Icon name="leave" small />
        {m.sign_out()}
      </button>
    </section>
  );
}
