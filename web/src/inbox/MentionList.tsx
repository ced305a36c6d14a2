import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client";
import type { InboxItem } from "../api/types";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { Empty } from "../ui/States";
import { InboxList, itemsOf } from "./InboxList";
import { InboxRow } from "./InboxRow";
import { KeysLine } from "./KeysLine";
import { openMessage } from "./openMessage";
import { useListKeys } from "./useListKeys";

/** What calls me: by my name, as everyone, by an answer or a quotation. */
export function MentionList({ tab }: { tab: "all" | "unread" }) {
  const queries = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: ["inbox", tab],
    queryFn: ({ pageParam }) => api.inbox(tab === "unread", pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const items = itemsOf(pages);
  const read = useCallback(
    ({ message }: InboxItem) =>
      void api
        .readMention(message.id)
        .then(() => queries.invalidateQueries({ queryKey: ["inbox"] }))
        .catch(tellProblem),
    [queries],
  );
  const open = useCallback(
    (item: InboxItem) => {
      if (!item.read) read(item);
      openMessage(item.message);
    },
    [read],
  );
  const keys = useListKeys(items, open, { e: read });
  return (
    <InboxList
      pages={pages}
      items={items}
      keys={keys}
      failed={m.inbox_failed()}
      empty={
        <Empty icon="at" title={tab === "all" ? m.inbox_empty_title() : m.inbox_read_title()}>
          <p>{m.inbox_empty()}</p>
        </Empty>
      }
      hint={<KeysLine letter={["E", m.key_read()]} />}
    >
      {(item, active) => (
        <InboxRow
          key={item.message.id}
          item={item}
          active={active}
          onOpen={() => open(item)}
          onRead={() => read(item)}
        />
      )}
    </InboxList>
  );
}
