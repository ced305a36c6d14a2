import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { PutRoomNotices, RoomNotices as Chosen } from "../api/types";
import { useRoom } from "../app/context";
import { shortTime } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { Dialog } from "../ui/Dialog";
import { tellProblem } from "../ui/failure";
import { Segmented } from "../ui/Segmented";
import { Failed, Skeletons } from "../ui/States";

const key = ["notices"];
const HOUR_S = 3600;
const mutes = { hour: HOUR_S, day: 24 * HOUR_S, week: 7 * 24 * HOUR_S };

/** What is left of a mute, so that another choice does not end it. */
const leftOf = (until: string | null | undefined) =>
  until ? Math.max(1, Math.ceil((Date.parse(until) - Date.now()) / 1000)) : undefined;

/** Of what I want to be told in one room, or nothing of it for a while. */
export default function RoomNotices({ room: id }: { room: string }) {
  const room = useRoom(id);
  const queries = useQueryClient();
  const notices = useQuery({ queryKey: key, queryFn: () => api.notices() });
  const change = useMutation({
    mutationFn: (choice: PutRoomNotices) => api.chooseRoomNotices(id, choice),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  if (!room) return null;
  const chosen = notices.data?.rooms.find((one) => one.room === id);
  return (
    <Dialog title={m.room_notices()}>
      <div className="body settings">
        <p className="note">{nameOf(room)}</p>
        {notices.isPending && <Skeletons label={m.loading()} />}
        {notices.isError && (
          <Failed
            title={m.notices_failed()}
            problem={asProblem(notices.error)}
            onRetry={() => void notices.refetch()}
          />
        )}
        {notices.isSuccess && <Choices chosen={chosen} change={change.mutate} />}
      </div>
    </Dialog>
  );
}

const untilWords = (until: string) => m.mute_until({ time: shortTime(until) });

interface ChoicesProps {
  chosen: Chosen | undefined;
  change: (choice: PutRoomNotices) => void;
}

function Choices({ chosen, change }: ChoicesProps) {
  const { level, muted_until: until } = chosen ?? {};
  const mute = (choice: keyof typeof mutes | "off" | "until") =>
    change({ level, muted_for_s: choice in mutes ? mutes[choice as "hour"] : undefined });
  return (
    <>
      <Segmented
        label={m.notices_of()}
        value={level ?? "everywhere"}
        options={[
          { value: "everywhere", label: m.room_notices_everywhere() },
          { value: "all", label: m.notices_all() },
          { value: "mentions", label: m.spoken_mentions() },
          { value: "none", label: m.notices_none() },
        ]}
        onChange={(next) =>
          change({
            level: next === "everywhere" ? undefined : next,
            muted_for_s: leftOf(until),
          })
        }
      />
      <Segmented
        label={m.mute()}
        value={until ? "until" : "off"}
        options={[
          { value: "off", label: m.mute_off() },
          ...(until ? [{ value: "until" as const, label: untilWords(until) }] : []),
          { value: "hour", label: m.mute_hour() },
          { value: "day", label: m.mute_day() },
          { value: "week", label: m.mute_week() },
        ]}
        onChange={(choice) => choice !== "until" && mute(choice)}
      />
      <p className="note">{m.mute_about()}</p>
    </>
  );
}
