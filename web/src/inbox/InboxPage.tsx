import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { KeyboardEvent } from "react";
import { api } from "../api/client";
import { useSync } from "../app/context";
import { unreadCount } from "../kit/format";
import { navigate, paths } from "../kit/router";
import { PushCard } from "../notices/PushChoice";
import { m } from "../paraglide/messages.js";
import { BackLink } from "../rooms/RoomHeader";
import { Icon } from "../ui/Icon";
import { tellProblem } from "../ui/failure";
import { MentionList } from "./MentionList";
import { FollowedThreads } from "./FollowedThreads";
import { ReactionList } from "./ReactionList";
import "../threads/threads.css";
import "../messages/messages.css";
import "./inbox.css";

export type InboxTab = "all" | "unread" | "reactions" | "threads";

const tabs: readonly InboxTab[] = ["all", "unread", "reactions", "threads"];
const pathOf: Record<InboxTab, string> = {
  all: paths.inbox,
  unread: paths.inboxUnread,
  reactions: paths.reactions,
  threads: paths.threads,
};

/** Everything that was for me, wherever it was said. */
export default function InboxPage({ tab }: { tab: InboxTab }) {
  const offline = useSync((state) => state.connection === "offline");
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.inbox()}</h1>
        <span className="topic">{m.inbox_about()}</span>
        {(tab === "all" || tab === "unread") && (
          <div className="end">
            <ReadAll />
          </div>
        )}
      </header>
      <Tabs tab={tab} />
      <div className="page-body" id="inbox-list" role="tabpanel" aria-labelledby={`inbox-${tab}`}>
        <div className="column">
          <PushCard />
          {offline && <p className="notice">{m.offline()}</p>}
          <List tab={tab} />
        </div>
      </div>
    </>
  );
}

function List({ tab }: { tab: InboxTab }) {
  if (tab === "threads") return <FollowedThreads />;
  if (tab === "reactions") return <ReactionList />;
  return <MentionList key={tab} tab={tab} />;
}

function ReadAll() {
  const queries = useQueryClient();
  const unread = useSync((state) => state.forMe.mentions);
  const readAll = useMutation({
    mutationFn: () => api.readInbox(),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["inbox"] }),
    onError: tellProblem,
  });
  return (
    <button
      type="button"
      className="btn small"
      disabled={unread === 0 || readAll.isPending}
      onClick={() => readAll.mutate()}
    >
      <Icon name="check" small />
      {m.inbox_read_all()}
    </button>
  );
}

/** Of reactions the server counts no more than a hundred. */
const counted = (count: number, tab: InboxTab) =>
  tab === "reactions" && count > 99 ? "99+" : unreadCount(count);

function Tabs({ tab }: { tab: InboxTab }) {
  const { mentions, threads, reactions } = useSync((state) => state.forMe);
  const names = {
    all: m.inbox_all(),
    unread: m.inbox_unread(),
    reactions: m.reactions(),
    threads: m.threads(),
  };
  const counts = { all: 0, unread: mentions, reactions, threads };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    if (!next) return;
    navigate(pathOf[next], { replace: true });
    document.getElementById(`inbox-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={m.inbox()}>
      {tabs.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`inbox-${one}`}
          aria-selected={one === tab}
          aria-controls="inbox-list"
          tabIndex={one === tab ? 0 : -1}
          onKeyDown={move}
          onClick={() => navigate(pathOf[one])}
        >
          {names[one]}
          {counts[one] > 0 && (
            <span className="count num">
              {counted(counts[one], one)}
              <span className="vh"> {m.unread()}</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
