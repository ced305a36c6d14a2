import type { Quote } from "../api/types";
import { shortTime } from "../kit/format";
import { useMet } from "../mentions/known";
import { lineOf } from "../mentions/line";
import { m } from "../paraglide/messages.js";
import { Link } from "../ui/Link";
import { pathOf } from "./pathOf";

/** The message that another one answers; leads to it. */
export function QuoteCard({ room, quote }: { room: string; quote: Quote }) {
  useMet();
  return (
    <Link className="quote-card" href={pathOf({ ...quote, room, id: quote.message })}>
      <b>{quote.sender.display_name}</b> <small>{shortTime(quote.created_at)}</small>
      <span className="line">
        {quote.deleted || quote.text == null
          ? m.message_deleted()
          : lineOf(quote.text) || m.files_only()}
      </span>
    </Link>
  );
}
