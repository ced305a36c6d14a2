import { useSync } from "../app/context";
import { openLayer } from "../app/layers";
import { chooseLocale, localeNames, locales, useLocale } from "../kit/locale";
import { paths } from "../kit/router";
import { chooseTheme, themeName, themes, useTheme } from "../kit/theme";
import { m } from "../paraglide/messages.js";
import { accountPath } from "../sign-in/paths";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";
import { Segmented } from "../ui/Segmented";
import "./profile.css";

/** Who I am, how this looks, and the way out. */
export function ProfileCard({ onLeave }: { onLeave?: () => void }) {
  const me = useSync((state) => state.me);
  const locale = useLocale();
  const theme = useTheme();
  const open = (kind: "help" | "sign-out") => {
    onLeave?.();
    openLayer({ kind });
  };
  return (
    <div className="profile">
      <div className="who">
        <Avatar person={me.person} size="large" />
        <div>
          <b>{me.person.display_name}</b>
          <small>@{me.person.username}</small>
          {me.email && <small>{me.email}</small>}
        </div>
      </div>
      <div className="choices">
        <Segmented
          label={m.theme()}
          value={theme}
          options={themes.map((value) => ({ value, label: themeName(value) }))}
          onChange={chooseTheme}
        />
        <Segmented
          label={m.language()}
          value={locale}
          options={locales.map((value) => ({ value, label: localeNames[value] }))}
          onChange={chooseLocale}
        />
      </div>
      <div className="ways">
        <Link className="option" href={paths.you} onClick={onLeave}>
          <Icon name="gear" small />
          {m.all_settings()}
        </Link>
        <a className="option" href={accountPath}>
          <Icon name="user" small />
          {m.account()}
        </a>
        <button type="button" className="option keys-help" onClick={() => open("help")}>
          <Icon name="keyboard" small />
          {m.keyboard_help()}
          <span className="end">
            <kbd>Ctrl /</kbd>
          </span>
        </button>
        <button type="button" className="option" onClick={() => open("sign-out")}>
          <Icon name="leave" small />
          {m.sign_out()}
        </button>
      </div>
    </div>
  );
}
