import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import { useEngine } from "../app/context";
import { navigate, paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { glyphOf, kindWords } from "../rooms/names";
import { BackLink } from "../rooms/RoomHeader";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";
import { describe, Empty, Failed, Skeletons } from "../ui/States";
import "./invite.css";

/** Where an invite link lands: which room, by whom, and the way in. */
export default function InvitePage({ token }: { token: string }) {
  const preview = useQuery({
    queryKey: ["invite", token],
    queryFn: () => api.invitePreview(token),
    retry: (count, error) => count < 2 && asProblem(error).mayPass,
  });
  return (
    <>
      <header className="page-header">
        <BackLink />
        <h1>{m.invitation()}</h1>
      </header>
      <div className="fill">
        {preview.isPending && <Skeletons label={m.loading()} />}
        {preview.isError && asProblem(preview.error).status === 404 && (
          <Empty
            icon="link"
            title={m.invite_invalid_title()}
            actions={
              <Link className="btn" href={paths.home}>
                {m.back_to_rooms()}
              </Link>
            }
          >
            <p>{m.invite_invalid()}</p>
          </Empty>
        )}
        {preview.isError && asProblem(preview.error).status !== 404 && (
          <Failed
            title={m.invite_failed()}
            problem={asProblem(preview.error)}
            onRetry={() => void preview.refetch()}
          />
        )}
        {preview.isSuccess && <Offer token={token} preview={preview.data} />}
      </div>
    </>
  );
}

interface OfferProps {
  token: string;
  preview: Awaited<ReturnType<typeof api.invitePreview>>;
}

function Offer({ token, preview: { room, invited_by } }: OfferProps) {
  const engine = useEngine();
  const accept = useMutation({
    mutationFn: () => api.acceptInvite(token),
    onSuccess: async (joined) => {
      await engine.adopt(joined);
      navigate(paths.room(joined.id), { replace: true });
    },
  });
  return (
    <Empty
      icon={glyphOf(room.kind)}
      title={m.invite_title({ name: invited_by.display_name, room: room.name })}
      actions={
        <>
          <button
            type="button"
            className="btn primary"
            disabled={accept.isPending}
            onClick={() => accept.mutate()}
          >
            {m.accept_invitation()}
          </button>
          <Link className="btn" href={paths.home}>
            {m.not_now()}
          </Link>
        </>
      }
    >
      <p>{kindWords(room.kind)}</p>
      <p className="num invite-count">
        <Icon name="users" small /> {m.members_count({ count: room.members })}
      </p>
      {accept.isError && (
        <p role="alert" className="fault">
          {describe(asProblem(accept.error))}
        </p>
      )}
    </Empty>
  );
}
