import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { InboxItem } from "../api/types";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { Empty, Failed, Skeletons } from "../ui/States";
import { InboxRow } from "./InboxRow";
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
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
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
  const keys = useListKeys(items, open, read);
  if (pages.isPending) return <Skeletons label={m.loading()} />;
  if (pages.isError) {
    return (
      <Failed
        title={m.inbox_failed()}
        problem={asProblem(pages.error)}
        onRetry={() => void pages.refetch()}
      />
    );
  }
  if (items.length === 0) {
    return (
      <Empty icon="at" title={tab === "all" ? m.inbox_empty_title() : m.inbox_read_title()}>
        <p>{m.inbox_empty()}</p>
      </Empty>
    );
  }
  return (
    <>
      <ol className="card inbox-list" {...keys.props}>
        {items.map((item, at) => (
          <InboxRow
            key={item.message.id}
            item={item}
            active={at === keys.at}
            onOpen={() => open(item)}
            onRead={() => read(item)}
          />
        ))}
      </ol>
      {pages.hasNextPage && (
        <button type="button" className="btn" onClick={() => void pages.fetchNextPage()}>
          {m.show_more()}
        </button>
      )}
      <p className="keys-line">
        <kbd>J</kbd> <kbd>K</kbd> {m.key_move()} <kbd>Enter</kbd> {m.key_open()} <kbd>E</kbd>{" "}
        {m.inbox_read()}
      </p>
    </>
  );
}
