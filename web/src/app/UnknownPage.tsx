import { m } from "../paraglide/messages.js";
import { Link } from "../ui/Link";
import { Empty } from "../ui/States";

/** No page has this address. */
export default function UnknownPage() {
  return (
    <div className="fill">
      <Empty
        main
        icon="search"
        title={m.page_not_found_title()}
        actions={
          <Link className="btn primary" href="/">
            {m.back_to_rooms()}
          </Link>
        }
      >
        <p>{m.page_not_found()}</p>
      </Empty>
    </div>
  );
}
