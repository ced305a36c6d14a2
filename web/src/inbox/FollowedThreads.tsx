import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../api/client";
import type { Thread } from "../api/types";
import { shortTime } from "../kit/format";
import { navigate, paths } from "../kit/router";
import { lineOfMessage } from "../mentions/line";
import { notePeople, useMet } from "../mentions/known";
import { peopleOf } from "../messages/peopleOf";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { Empty } from "../ui/States";
import { InboxList, itemsOf } from "./InboxList";
import { Where } from "./InboxRow";
import { useListKeys } from "./useListKeys";

const open = ({ root }: Thread) => navigate(paths.thread(root.room, root.id));

/** The threads that I follow, the one replied to last first. */
export function FollowedThreads() {
  const pages = useInfiniteQuery({
    queryKey: ["threads"],
    queryFn: ({ pageParam }) => api.threads(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const items = itemsOf(pages);
  const keys = useListKeys(items, open);
  return (
    <InboxList
      pages={pages}
      items={items}
      keys={keys}
      failed={m.threads_failed()}
      empty={
        <Empty icon="thread" title={m.threads_empty_title()}>
          <p>{m.threads_empty()}</p>
        </Empty>
      }
    >
      {(thread, active) => <ThreadEntry key={thread.root.id} thread={thread} active={active} />}
    </InboxList>
  );
}

interface Props {
  thread: Thread;
  active: boolean;
}

function ThreadEntry({ thread, active }: Props) {
  const { root, unread, mentions } = thread;
  const label = `thread-${root.id}`;
  useMet();
  useEffect(() => notePeople(peopleOf(root)), [root]);
  return (
    <li
      className={unread > 0 ? "inbox-row unread" : "inbox-row"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
    >
      <Avatar person={root.sender} />
      <div className="about">
        <Where
          id={label}
          person={root.sender}
          at={root.created_at}
          kind={thread.room_kind}
          name={thread.room_name}
        />
        <p className="line">{root.deleted ? m.message_deleted() : lineOfMessage(root)}</p>
        <p className="more">
          {m.replies_count({ count: root.replies?.count ?? 0 })}
          {root.replies && <> · {m.last_reply({ time: shortTime(root.replies.last_at) })}</>}
          {unread > 0 && (
            <span className={mentions > 0 ? "badge num" : "chip teal num"}>
              {m.unread_count({ count: String(unread) })}
            </span>
          )}
        </p>
      </div>
      <div className="ends">
        <button type="button" className="btn small" onClick={() => open(thread)}>
          {m.open_thread()}
        </button>
      </div>
    </li>
  );
}
