import { m } from "../paraglide/messages.js";
import { Empty } from "../ui/States";

/** In the place of what was not fetched before the network went; it comes with the network. */
export const Offline = () => (
  <div role="status">
    <Empty icon="off" title={m.offline_title()}>
      <p>{m.offline_about()}</p>
    </Empty>
  </div>
);
