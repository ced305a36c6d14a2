import { useCallback, useEffect, useState } from "react";
import { api, onSignedOut } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Me } from "../api/types";
import { useLocale } from "../kit/locale";
import { m } from "../paraglide/messages.js";
import { Boundary, Broken } from "../ui/Boundary";
import { later } from "../ui/later";
import { Failed } from "../ui/States";

const App = later(() => import("../app/App"));
const Welcome = later(() => import("./Welcome"));

type Session =
  | { state: "asking" }
  | { state: "signed-in"; me: Me }
  | { state: "signed-out"; ended: boolean }
  | { state: "unreachable"; problem: Problem };

const HINT = "tertulia.signed-in";

/** Who was here last time is probably still signed in: load the rest while asking. */
function rememberSignedIn(signedIn: boolean) {
  try {
    if (signedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Storage is forbidden: it only loads a little later.
  }
}

/** The first page, while it is asked who is here. */
export function loadEarly() {
  try {
    const first = localStorage.getItem(HINT) ? App : Welcome;
    // What cannot be had now is asked for again when it is shown.
    first.load().catch(() => undefined);
  } catch {
    // As above.
  }
}

/** Signed in or not: that alone decides what is on the screen. */
export function Root() {
  const locale = useLocale();
  const [session, setSession] = useState<Session>({ state: "asking" });
  const ask = useCallback(() => {
    setSession({ state: "asking" });
    api
      .me()
      .then((me) => {
        rememberSignedIn(true);
        setSession({ state: "signed-in", me });
      })
      .catch((error: unknown) => {
        const problem = asProblem(error);
        if (problem.status === 401) {
          rememberSignedIn(false);
          setSession({ state: "signed-out", ended: false });
        } else setSession({ state: "unreachable", problem });
      });
  }, []);
  useEffect(() => {
    const off = onSignedOut(() => {
      rememberSignedIn(false);
      setSession((known) =>
        known.state === "signed-in" ? { state: "signed-out", ended: true } : known,
      );
    });
    ask();
    return () => void off();
  }, [ask]);

  switch (session.state) {
    case "asking":
      return null;
    case "signed-out":
      return (
        <Boundary key="welcome" instead={brokenPage}>
          <Welcome key={locale} ended={session.ended} />
        </Boundary>
      );
    case "unreachable":
      return (
        <main id="main" className="unreachable">
          <Failed title={m.server_unreachable()} problem={session.problem} onRetry={ask} main />
        </main>
      );
    case "signed-in":
      return (
        <Boundary key="app" instead={brokenPage}>
          <App me={session.me} />
        </Boundary>
      );
  }
}

function brokenPage() {
  return (
    <main id="main" className="unreachable">
      <Broken />
    </main>
  );
}
