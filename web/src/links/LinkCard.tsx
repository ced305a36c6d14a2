import "./link-card.css";
import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Message } from "../api/types";
import { safeAddress } from "../markdown/address";
import { usePlace } from "./place";

const BELIEVED_MS = 300_000;

/** Whether this server asks pages at all; until it says so, it does not. */
const useEnabled = (): boolean =>
  useQuery({ queryKey: ["previews"], queryFn: () => api.previews(), staleTime: BELIEVED_MS }).data
    ?.enabled ?? false;

/**
 * What the page behind the message's first link says of itself: at once where the history has it,
 * else when the server was told.
 */
export function LinkCard({ message }: { message: Message }) {
  const { id, room, revision } = message;
  const known = message.preview ?? undefined;
  const enabled = useEnabled() && !known && /https?:\/\//i.test(message.text ?? "");
  const asked = useQuery({
    queryKey: ["preview", id, revision],
    queryFn: async () => (await api.preview(room, id)) ?? null,
    enabled,
    staleTime: Infinity,
    retry: false,
  });
  const preview = known ?? asked.data;
  const address = preview && safeAddress(preview.url);
  const { mark, taken } = usePlace(message.id, Boolean(address));
  if (!preview || !address) return null;
  if (!taken) return <span ref={mark} hidden />;
  return (
    <a
      className="link-card"
      href={address}
      title={address}
      target="_blank"
      rel="noopener noreferrer nofollow"
    >
      <small>{preview.site}</small>
      <b>{preview.title}</b>
      {preview.description && <span>{preview.description}</span>}
    </a>
  );
}
