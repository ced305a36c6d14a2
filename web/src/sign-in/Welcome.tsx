import { chooseLocale, locales, localeNames, useLocale } from "../kit/locale";
import { chooseTheme, themeName, themes, useTheme } from "../kit/theme";
import { useRoute } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Icon, type IconName } from "../ui/Icon";
import { Segmented } from "../ui/Segmented";
import { Weave } from "./Weave";
import { signInPath, signUpPath } from "./paths";
import "./welcome.css";

const promises: { icon: IconName; text: () => string }[] = [
  { icon: "lock", text: () => m.welcome_promise_rooms() },
  { icon: "check", text: () => m.welcome_promise_delivery() },
  { icon: "keyboard", text: () => m.welcome_promise_access() },
];

/** What a signed-out person sees: what this is, and the two ways in. */
export default function Welcome({ ended }: { ended: boolean }) {
  const invited = useRoute().page === "invite";
  const here = location.pathname;
  const notice = ended ? m.welcome_session_ended() : signInFailure();
  return (
    <div className="welcome">
      <section className="art" aria-label={m.welcome_about()}>
        <Weave />
        <div className="brand">
          <span className="logo">
            <Icon name="logo" />
          </span>
          <b>Tertulia</b>
        </div>
        <div className="pitch">
          <p className="headline">{m.welcome_headline()}</p>
          <p>{m.welcome_pitch()}</p>
        </div>
      </section>
      <main className="entry" id="main">
        <div className="entry-body">
          <div className="brand narrow" aria-hidden="true">
            <span className="logo">
              <Icon name="logo" />
            </span>
            <b>Tertulia</b>
          </div>
          {notice && (
            <p className="notice" role="status">
              <Icon name="warn" />
              {notice}
            </p>
          )}
          <div>
            <h1>{invited ? m.welcome_invited_title() : m.welcome_title()}</h1>
            <p className="lead">{invited ? m.welcome_invited_lead() : m.welcome_lead()}</p>
          </div>
          <div className="ways">
            <a className="btn primary wide" href={signInPath(here)}>
              {m.sign_in()}
            </a>
            <a className="btn wide" href={signUpPath(here)}>
              {m.create_account()}
            </a>
          </div>
          <ul className="promises">
            {promises.map(({ icon, text }) => (
              <li key={icon}>
                <Icon name={icon} />
                {text()}
              </li>
            ))}
          </ul>
        </div>
        <Preferences />
      </main>
    </div>
  );
}

/** Why the sign-in that just came back did not work; the server says it in the address. */
function signInFailure(): string | undefined {
  switch (new URLSearchParams(location.search).get("sign_in")) {
    case "denied":
      return m.sign_in_denied();
    case "expired":
      return m.sign_in_expired();
    case "failed":
      return m.sign_in_failed();
    default:
      return undefined;
  }
}

function Preferences() {
  const locale = useLocale();
  const theme = useTheme();
  return (
    <footer className="preferences">
      <Segmented
        label={m.language()}
        value={locale}
        options={locales.map((value) => ({ value, label: localeNames[value] }))}
        onChange={chooseLocale}
      />
      <Segmented
        label={m.theme()}
        value={theme}
        options={themes.map((value) => ({ value, label: themeName(value) }))}
        onChange={chooseTheme}
      />
    </footer>
  );
}
