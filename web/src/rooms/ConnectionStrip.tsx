import { useEffect, useState } from "react";
import { useEngine, useSync } from "../app/context";
import { announceNow } from "../kit/announcer";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";

const PATIENCE_MS = 2000;

/** Says that the connection is lost, once that has lasted, and what that means. */
export function ConnectionStrip({ room }: { room: string }) {
  const engine = useEngine();
  const connection = useSync((state) => state.connection);
  const attempt = useSync((state) => state.attempt);
  const lostAt = useSync((state) => state.lostAt);
  const waiting = useSync(
    (state) =>
      state.unsent.filter((item) => item.room === room && item.state !== "rejected").length,
  );
  const lasting = useLasting(lostAt);
  const shown = connection !== "live" && lasting;
  useEffect(() => {
    if (shown) announceNow(m.connection_lost());
  }, [shown]);
  if (!shown) return null;
  const count = waiting > 0 && <span className="num">{m.waiting_to_send({ count: waiting })}</span>;
  return (
    <div className="strip" role="status">
      {connection === "offline" ? (
        <>
          <Icon name="off" small />
          <span>
            {m.offline()} {count}
          </span>
        </>
      ) : (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>
            {m.reconnecting({ attempt: Math.max(1, attempt) })} {count}
          </span>
          <button type="button" className="btn small" onClick={() => engine.wake()}>
            {m.try_now()}
          </button>
        </>
      )}
    </div>
  );
}

function useLasting(since: number | undefined): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (since === undefined) return undefined;
    const left = Math.max(0, since + PATIENCE_MS - Date.now());
    const timer = setTimeout(() => setLasting(true), left);
    return () => clearTimeout(timer);
  }, [since]);
  return lasting;
}
