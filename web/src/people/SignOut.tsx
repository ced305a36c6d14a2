import { signOut } from "../api/client";
import { useEngine, useSync } from "../app/context";
import { wipeStorage } from "../kit/storage";
import { forgetDrafts } from "../composer/drafts";
import { forgetTray } from "../files/tray";
import { finishRemoving } from "../messages/removing";
import { m } from "../paraglide/messages.js";
import { Confirm } from "../ui/Confirm";

/** Ends the session and forgets what this device kept, after saying what would be lost. */
export default function SignOut() {
  const engine = useEngine();
  const unsent = useSync((state) => state.unsent.length);
  const leave = async () => {
    await finishRemoving();
    const next = await signOut();
    engine.stop();
    forgetDrafts();
    forgetTray();
    await Promise.race([wipeStorage(engine.me.id), new Promise((done) => setTimeout(done, 1000))]);
    location.assign(next);
    // Until the page is gone: to close the dialog is to go back, which would end the going.
    await new Promise(() => {});
  };
  return (
    <Confirm title={m.sign_out_title()} action={m.sign_out()} run={leave}>
      <p>{unsent > 0 ? m.sign_out_unsent({ count: unsent }) : m.sign_out_about()}</p>
    </Confirm>
  );
}
