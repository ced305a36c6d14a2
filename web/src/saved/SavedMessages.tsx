import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import type { SavedItem } from "../api/types";
import { useSync } from "../app/context";
import { InboxList, itemsOf } from "../inbox/InboxList";
import { KeysLine } from "../inbox/KeysLine";
import { openMessage } from "../inbox/openMessage";
import { useListKeys } from "../inbox/useListKeys";
import { m } from "../paraglide/messages.js";
import { Empty } from "../ui/States";
import { useTold } from "./known";
import { unsave } from "./save";
import { labelOf, SavedRow } from "./SavedRow";

const open = ({ message }: SavedItem) => openMessage(message);

/** The row beside the one that goes has the focus, so that a keyboard stays in the list. */
function remove({ message }: SavedItem) {
  const row = document.getElementById(labelOf(message))?.closest("li");
  const beside = row?.nextElementSibling ?? row?.previousElementSibling ?? null;
  const next = beside ?? document.getElementById("main");
  if (next instanceof HTMLElement) next.focus();
  void unsave(message);
}

/** What I saved, the newest first; without what I just removed and rooms that I left. */
export function SavedMessages() {
  const pages = useInfiniteQuery({
    queryKey: ["saved"],
    queryFn: ({ pageParam }) => api.saved(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  const told = useTold(({ of }) => of);
  const rooms = useSync((state) => (state.roomsStatus === "ready" ? state.rooms : undefined));
  const items = itemsOf(pages).filter(
    ({ message }) => told[message.id] !== false && (!rooms || rooms[message.room]),
  );
  const keys = useListKeys(items, open, { s: remove });
  return (
    <InboxList
      pages={pages}
      items={items}
      keys={keys}
      failed={m.saved_failed()}
      empty={
        <Empty icon="bookmark" title={m.saved_empty_title()}>
          <p>{m.saved_empty()}</p>
        </Empty>
      }
      hint={<KeysLine letter={["S", m.key_unsave()]} />}
    >
      {(item, active) => (
        <SavedRow
          key={item.message.id}
          item={item}
          active={active}
          onOpen={() => open(item)}
          onRemove={() => remove(item)}
        />
      )}
    </InboxList>
  );
}
