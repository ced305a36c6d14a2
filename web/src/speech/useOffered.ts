import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";

const BELIEVED_MS = 300_000;

/** Whether messages can be heard here; until the server says otherwise, they can. */
export const useOffered = (): boolean =>
  useQuery({ queryKey: ["speech"], queryFn: () => api.speech(), staleTime: BELIEVED_MS }).data
    ?.available ?? true;
