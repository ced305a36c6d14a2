import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Message } from "../api/types";
import { fullTime } from "../kit/format";
import { Markdown } from "../markdown/Markdown";
import { notePeople } from "../mentions/known";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";
import { Failed, Skeletons } from "../ui/States";
import "./history.css";

/** What a message said before, newest first: nothing is changed behind anybody's back. */
export default function History({ message }: { message: Message }) {
  const revisions = useQuery({
    queryKey: ["revisions", message.id, message.revision],
    queryFn: () => api.revisions(message.room, message.id),
  });
  useEffect(
    () => notePeople(revisions.data?.items.flatMap(({ mentions = [] }) => mentions) ?? []),
    [revisions.data],
  );
  return (
    <Dialog title={m.edit_history()}>
      <div className="body">
        {revisions.isPending && <Skeletons label={m.loading()} />}
        {revisions.isError && (
          <Failed
            title={m.history_failed_title()}
            problem={asProblem(revisions.error)}
            onRetry={() => void revisions.refetch()}
          />
        )}
        <ol className="revisions" reversed>
          {(revisions.data?.items ?? [])
            .toSorted((one, other) => other.revision - one.revision)
            .map(({ revision, text, created_at }) => (
              <li key={revision}>
                <div className="when">
                  <b>{wordsFor(revision, message)}</b> <time>{fullTime(created_at)}</time>
                </div>
                <div className="box">
                  <Markdown id={`${message.id}/r${revision}`} text={text ?? ""} />
                </div>
              </li>
            ))}
        </ol>
      </div>
    </Dialog>
  );
}

function wordsFor(revision: number, message: Message): string {
  if (revision === message.revision) return m.revision_now();
  return revision === 1 ? m.revision_original() : m.revision_earlier();
}
