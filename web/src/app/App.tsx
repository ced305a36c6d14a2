import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Me } from "../api/types";
import { useLocale } from "../kit/locale";
import { parseRoute } from "../kit/router";
import { EngineContext } from "./context";
import { loadPage, Shell } from "./Shell";
import { type Running, start } from "./start";

/** The client of a signed-in person. */
export default function App({ me }: { me: Me }) {
  const [running, setRunning] = useState<Running>();
  const locale = useLocale();
  useEffect(() => {
    let current: Running | undefined;
    let ended = false;
    loadPage(parseRoute(location.pathname));
    void start(me).then((started) => {
      if (ended) return started.stop();
      current = started;
      setRunning(started);
    });
    return () => {
      ended = true;
      current?.stop();
    };
  }, [me]);
  if (!running) return null;
  return (
    <QueryClientProvider client={running.queries}>
      <EngineContext value={running.engine}>
        <Shell key={locale} />
      </EngineContext>
    </QueryClientProvider>
  );
}
