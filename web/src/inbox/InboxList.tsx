import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { m } from "../paraglide/messages.js";
import { Failed, Skeletons } from "../ui/States";
import type { useListKeys } from "./useListKeys";
import "./inbox.css";

/** Everything that the pages have brought so far. */
export const itemsOf = <T,>({
  data,
}: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>): readonly T[] =>
  data?.pages.flatMap((page) => page.items) ?? [];

interface Props<T> {
  pages: UseInfiniteQueryResult<InfiniteData<{ items: T[] }>>;
  items: readonly T[];
  keys: ReturnType<typeof useListKeys<T>>;
  /** Said when the first page cannot be had. */
  failed: string;
  empty: ReactNode;
  /** A row of the list; one of them may have the focus. */
  children: (item: T, active: boolean) => ReactNode;
  /** Which keys there are. */
  hint?: ReactNode;
}

/** A list of the inbox, page after page, with the states that it can be in. */
export function InboxList<T>({ pages, items, keys, failed, empty, children, hint }: Props<T>) {
  if (pages.isPending) return <Skeletons label={m.loading()} />;
  if (pages.isError) {
    const problem = asProblem(pages.error);
    return <Failed title={failed} problem={problem} onRetry={() => void pages.refetch()} />;
  }
  if (items.length === 0) return empty;
  return (
    <>
      <ol className="card inbox-list" {...keys.props}>
        {items.map((item, at) => children(item, at === keys.at))}
      </ol>
      {pages.hasNextPage && (
        <button type="button" className="btn" onClick={() => void pages.fetchNextPage()}>
          {m.show_more()}
        </button>
      )}
      {hint && <p className="keys-line">{hint}</p>}
    </>
  );
}
