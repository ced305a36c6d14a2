import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import type { Invitation } from "../api/types";
import { shortDate } from "../kit/format";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { tellProblem } from "../ui/failure";

/** Invitations that are still open: names that wait, and links. */
export function Invitations({ room }: { room: string }) {
  const queries = useQueryClient();
  const [fresh, setFresh] = useState<Invitation>();
  const queryKey = ["invitations", room];
  const open = useQuery({ queryKey, queryFn: () => api.invitations(room) });
  const refresh = () => void queries.invalidateQueries({ queryKey });
  const create = useMutation({
    mutationFn: () => api.createInviteLink(room),
    onSuccess: (link) => {
      setFresh(link);
      refresh();
    },
    onError: tellProblem,
  });
  const withdraw = useMutation({
    mutationFn: (id: string) => api.withdrawInvitation(room, id),
    onSuccess: (_done, id) => {
      if (fresh?.id === id) setFresh(undefined);
      refresh();
    },
    onError: tellProblem,
  });
  const items = open.data?.items ?? [];
  const pending = items.filter(({ kind }) => kind === "name");
  const links = items.filter(({ kind }) => kind === "link");
  return (
    <>
      {pending.length > 0 && (
        <section aria-labelledby="pending-heading">
          <h3 id="pending-heading">{m.pending_invitations()}</h3>
          <ul>
            {pending.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                icon="clock"
                title={`@${invitation.username ?? ""}`}
                note={m.pending_note()}
                onWithdraw={() => withdraw.mutate(invitation.id)}
              />
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="links-heading">
        <h3 id="links-heading">{m.invite_links()}</h3>
        {fresh?.url && <FreshLink url={fresh.url} />}
        <ul>
          {links.map((link) => (
            <InvitationRow
              key={link.id}
              icon="link"
              title={m.link_by({ name: link.created_by.display_name })}
              note={[
                m.link_uses({ count: link.uses }),
                link.expires_at ? m.link_expires({ date: shortDate(link.expires_at) }) : "",
              ]
                .filter(Boolean)
                .join(" · ")}
              onWithdraw={() => withdraw.mutate(link.id)}
            />
          ))}
        </ul>
        <button
          type="button"
          className="btn small"
          disabled={create.isPending}
          onClick={() => create.mutate()}
        >
          <Icon name="link" small />
          {m.create_link()}
        </button>
      </section>
    </>
  );
}

interface RowProps {
  icon: "clock" | "link";
  title: string;
  note: string;
  onWithdraw: () => void;
}

function InvitationRow({ icon, title, note, onWithdraw }: RowProps) {
  return (
    <li className="member">
      <span className="avatar plain">
        <Icon name={icon} />
      </span>
      <div className="about">
        <b>{title}</b>
        <small>{note}</small>
      </div>
      <IconButton icon="x" label={m.withdraw_invitation({ name: title })} onClick={onWithdraw} />
    </li>
  );
}

/** A link is told once: here, to be copied. */
function FreshLink({ url }: { url: string }) {
  const copy = () => void navigator.clipboard.writeText(url).then(() => toast(m.copied()));
  return (
    <div className="fresh-link">
      <input
        className="input"
        readOnly
        aria-label={m.invite_link()}
        value={url}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="btn primary" onClick={copy}>
        <Icon name="copy" small />
        {m.copy()}
      </button>
      <p>{m.link_shown_once()}</p>
    </div>
  );
}
