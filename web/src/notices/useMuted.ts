import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { api } from "../api/client";
import { mutedUntil } from "./muted";

const FRESH_MS = 60_000;
/** Longer timers would end at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The rooms that tell nothing now; each leaves the set when its time is over. */
export function useMuted(): ReadonlySet<string> {
  const { data } = useQuery({
    queryKey: ["notices"],
    queryFn: () => api.notices(),
    staleTime: FRESH_MS,
  });
  const [now, setNow] = useState(Date.now);
  const { rooms, next } = useMemo(() => mutedUntil(data?.rooms ?? [], now), [data, now]);
  useEffect(() => {
    if (next === undefined) return undefined;
    const left = Math.min(Math.max(0, next - Date.now()) + 1, TIMER_MAX_MS);
    const timer = setTimeout(() => setNow(Date.now()), left);
    return () => clearTimeout(timer);
  }, [next]);
  return rooms;
}
