import { useSync } from "../app/context";
import { openLayer } from "../app/layers";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Empty } from "../ui/States";
import { Link } from "../ui/Link";

/** No room is open: what can be done from here. */
export default function HomePage() {
  const none = useSync(
    (state) => state.roomsStatus === "ready" && Object.keys(state.rooms).length === 0,
  );
  const me = useSync((state) => state.me.person.display_name);
  return (
    <>
      <header className="page-header">
        <h1>{none ? m.home_welcome({ name: me }) : m.home_title()}</h1>
      </header>
      <div className="fill">
        <Empty
          icon={none ? "logo" : "message"}
          title={none ? m.home_first_title() : m.home_choose_title()}
          actions={
            <>
              <button
                type="button"
                className="btn primary"
                onClick={() => openLayer({ kind: "create-room" })}
              >
                {m.create_room()}
              </button>
              <Link className="btn" href={paths.browse}>
                {m.browse_rooms()}
              </Link>
              <button type="button" className="btn" onClick={() => openLayer({ kind: "direct" })}>
                {m.new_direct()}
              </button>
            </>
          }
        >
          <p>{none ? m.home_first() : m.home_choose()}</p>
        </Empty>
      </div>
    </>
  );
}
