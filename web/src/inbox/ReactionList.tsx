import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api/client";
import type { ReceivedReaction } from "../api/types";
import { lineOfMessage } from "../mentions/line";
import { notePeople, useMet } from "../mentions/known";
import { peopleOf } from "../messages/peopleOf";
import { m } from "../paraglide/messages.js";
import { Avatar } from "../ui/Avatar";
import { Empty } from "../ui/States";
import { InboxList, itemsOf } from "./InboxList";
import { Where } from "./InboxRow";
import { KeysLine } from "./KeysLine";
import { openMessage } from "./openMessage";
import { useListKeys } from "./useListKeys";

const open = ({ message }: ReceivedReaction) => openMessage(message);

/** What others answered with an emoji to what I wrote, the newest first. */
export function ReactionList() {
  const pages = useInfiniteQuery({
    queryKey: ["inbox", "reactions"],
    queryFn: ({ pageParam }) => api.receivedReactions(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const items = itemsOf(pages);
  const fresh = useFresh(items);
  useLooked(items[0]?.id, pages.data?.pages[0]?.unread ?? 0);
  const keys = useListKeys(items, open);
  return (
    <InboxList
      pages={pages}
      items={items}
      keys={keys}
      failed={m.inbox_failed()}
      empty={
        <Empty icon="smile" title={m.inbox_empty_title()}>
          <p>{m.received_empty()}</p>
        </Empty>
      }
      hint={<KeysLine />}
    >
      {(item, active) => (
        <Row key={item.id} item={item} fresh={fresh.has(item.id)} active={active} />
      )}
    </InboxList>
  );
}

/** What was new at any time since the list was opened: it stays marked while one looks. */
function useFresh(items: readonly ReceivedReaction[]): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const more = items.filter(({ id, read }) => !read && !fresh.has(id));
  if (more.length > 0) setFresh(new Set([...fresh, ...more.map(({ id }) => id)]));
  return fresh;
}

/** To look at the list is to have read it, up to its newest. */
function useLooked(newest: string | undefined, unread: number) {
  useEffect(() => {
    if (!newest || unread === 0) return;
    const look = () => {
      // What fails is said again with the next look.
      if (document.hasFocus()) void api.readReactions(newest).catch(() => undefined);
    };
    look();
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, [newest, unread]);
}

interface Props {
  item: ReceivedReaction;
  fresh: boolean;
  active: boolean;
}

function Row({ item, fresh, active }: Props) {
  const { id, person, emoji, message } = item;
  const label = `reacted-${id}`;
  useMet();
  useEffect(() => notePeople([person, ...peopleOf(message)]), [person, message]);
  return (
    <li
      className={fresh ? "inbox-row unread" : "inbox-row"}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one row has the focus
      tabIndex={active ? 0 : -1}
      aria-labelledby={label}
    >
      <Avatar person={person} />
      <div className="about">
        <Where
          id={label}
          person={person}
          at={item.created_at}
          kind={item.room_kind}
          name={item.room_name}
          why={m.reacted_with({ emoji })}
        />
        {fresh && <span className="vh">{m.unread()}</span>}
        <p className="line">{lineOfMessage(message)}</p>
      </div>
      <div className="ends">
        <button type="button" className="btn small" onClick={() => open(item)}>
          {m.go_to_message()}
        </button>
      </div>
    </li>
  );
}
