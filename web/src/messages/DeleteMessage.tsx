import type { Message } from "../api/types";
import { useEngine } from "../app/context";
import { m } from "../paraglide/messages.js";
import { Confirm } from "../ui/Confirm";

export default function DeleteMessage({ message }: { message: Message }) {
  const engine = useEngine();
  return (
    <Confirm
      title={m.delete_message_title()}
      action={m.action_delete()}
      run={() => engine.remove(message)}
    >
      <p className="quote">{message.text}</p>
      <p>{m.delete_message_about()}</p>
    </Confirm>
  );
}
