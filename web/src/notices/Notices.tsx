import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { asProblem } from "../api/problem";
import type { NoticeChoices } from "../api/types";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { Segmented } from "../ui/Segmented";
import { Failed, Skeletons } from "../ui/States";
import { MailChoice } from "./MailChoice";
import { PushChoice } from "./PushChoice";

const key = ["notices"];
const NIGHT = { from_minute: 22 * 60, to_minute: 8 * 60 };
const HOUR_MIN = 60;

const twoDigits = (number: number) => String(number).padStart(2, "0");
const clockOf = (minute: number) =>
  `${twoDigits(Math.floor(minute / HOUR_MIN))}:${twoDigits(minute % HOUR_MIN)}`;

function minuteOf(clock: string): number | undefined {
  const match = /^(\d{2}):(\d{2})/.exec(clock);
  return match ? Number(match[1]) * HOUR_MIN + Number(match[2]) : undefined;
}

const timeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Of what I want to be told, and when not; the same on every device. */
export function NoticeSettings() {
  const queries = useQueryClient();
  const notices = useQuery({ queryKey: key, queryFn: () => api.notices() });
  const change = useMutation({
    mutationFn: (everywhere: NoticeChoices) => api.chooseNotices(everywhere),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  if (notices.isPending) return <Skeletons label={m.loading()} />;
  if (notices.isError) {
    return (
      <Failed
        title={m.notices_failed()}
        problem={asProblem(notices.error)}
        onRetry={() => void notices.refetch()}
      />
    );
  }
  const now = change.isPending ? change.variables : notices.data.everywhere;
  return (
    <>
      <Segmented
        label={m.notices_of()}
        value={now.level}
        options={[
          { value: "all", label: m.notices_all() },
          { value: "mentions", label: m.spoken_mentions() },
          { value: "none", label: m.notices_none() },
        ]}
        onChange={(level) => change.mutate({ ...now, level })}
      />
      <QuietHours now={now} onChange={(next) => change.mutate(next)} />
      <PushChoice />
      <MailChoice />
    </>
  );
}

interface QuietProps {
  now: NoticeChoices;
  onChange: (next: NoticeChoices) => void;
}

function QuietHours({ now, onChange }: QuietProps) {
  const quiet = now.quiet_hours ?? undefined;
  const set = (hours: typeof quiet) => onChange({ level: now.level, quiet_hours: hours });
  const edge = (name: "from_minute" | "to_minute", label: string) =>
    quiet && (
      <label>
        {label}
        <input
          type="time"
          className="input"
          value={clockOf(quiet[name])}
          onChange={(event) => {
            const minute = minuteOf(event.target.value);
            if (minute !== undefined) set({ ...quiet, [name]: minute });
          }}
        />
      </label>
    );
  return (
    <div>
      <Segmented
        label={m.quiet_hours()}
        value={quiet ? "on" : "off"}
        options={[
          { value: "off", label: m.off() },
          { value: "on", label: m.on() },
        ]}
        onChange={(choice) =>
          set(choice === "on" ? { ...NIGHT, time_zone: timeZone() } : undefined)
        }
      />
      {quiet && (
        <div className="quiet">
          {edge("from_minute", m.quiet_from())}
          {edge("to_minute", m.quiet_to())}
          <span className="note">{quiet.time_zone}</span>
        </div>
      )}
    </div>
  );
}
