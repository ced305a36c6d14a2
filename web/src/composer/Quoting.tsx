import { lineOfMessage } from "../mentions/line";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { quoteNothing, useQuote } from "./answering";
import { backToWriting } from "./focus";

/** What the message being written answers. */
export function Quoting({ draft }: { draft: string }) {
  const quote = useQuote(draft);
  if (!quote) return null;
  return (
    <div className="quoting">
      <Icon name="reply" small />
      <span className="line">
        <b>{m.replying_to({ name: quote.sender.display_name })}</b> {lineOfMessage(quote)}
      </span>
      <IconButton
        icon="x"
        label={m.quote_nothing()}
        onClick={({ currentTarget }) => {
          backToWriting(currentTarget.form);
          quoteNothing(draft);
        }}
      />
    </div>
  );
}
