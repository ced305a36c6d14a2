/** What is beside the room: its members, or a thread. When it breaks, the room stays. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { backToRoom } from "../composer/focus";
import { leaveTo } from "../kit/history";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { Boundary } from "../ui/Boundary";
import { IconButton } from "../ui/IconButton";
import { later } from "../ui/later";
import { Empty, Skeletons } from "../ui/States";
import { closePanel } from "./layers";
import "./panel.css";

/** Those of which the code is here. */
const loaded = new Set<"members" | "thread">();
const loadMembers = async () => {
  const panel = await import("../members/MembersPanel");
  loaded.add("members");
  return panel;
};
const loadThread = async () => {
  const panel = await import("../threads/ThreadPanel");
  loaded.add("thread");
  return panel;
};

const MembersPanel = later(loadMembers, () => <PanelLoading label={m.members()} />);
const ThreadPanel = later(loadThread, () => <PanelLoading label={m.thread()} />);
export const panelLoaders = [MembersPanel.load, ThreadPanel.load];

interface Props {
  room: string;
  thread: string | undefined;
  /** A reply to point out. */
  message: string | undefined;
}

export function Panel({ room, thread, message }: Props) {
  const queries = useQueryClient();
  const label = thread ? m.thread() : m.members();
  const close = () => {
    if (!thread) return closePanel();
    leaveTo(paths.room(room));
    backToRoom();
  };
  const failed = (anew: () => void) => {
    const retry = () => {
      // A browser does not ask twice for code that it could not get.
      if (!loaded.has(thread ? "thread" : "members")) return location.reload();
      for (const key of ["members", "invitations"])
        queries.removeQueries({ queryKey: [key, room] });
      anew();
    };
    return <PanelFailed label={label} onRetry={retry} onClose={close} />;
  };
  return (
    <Boundary key={thread ?? room} instead={failed}>
      {thread ? (
        <ThreadPanel key={thread} room={room} root={thread} message={message} />
      ) : (
        <MembersPanel key={room} room={room} />
      )}
    </Boundary>
  );
}

function PanelLoading({ label }: { label: string }) {
  return (
    <aside className="panel" aria-label={label}>
      <Skeletons label={m.loading()} />
    </aside>
  );
}

interface FailedProps {
  label: string;
  onRetry: () => void;
  onClose: () => void;
}

function PanelFailed({ label, onRetry, onClose }: FailedProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // What had the focus is gone with what broke; elsewhere somebody may be writing.
    if (document.activeElement === document.body) panel.current?.focus({ preventScroll: true });
  }, []);
  const retry = (
    <button type="button" className="btn" onClick={onRetry}>
      {m.retry()}
    </button>
  );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it
    <aside
      className="panel"
      aria-label={label}
      tabIndex={-1}
      ref={panel}
      data-region
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header className="page-header">
        <h2>{label}</h2>
        <div className="end">
          <IconButton icon="x" label={m.close()} onClick={onClose} />
        </div>
      </header>
      <div role="alert" className="empty-host">
        <Empty icon="warn" title={m.page_failed()} hue={25} actions={retry}>
          <p>{m.page_failed_about()}</p>
        </Empty>
      </div>
    </aside>
  );
}
