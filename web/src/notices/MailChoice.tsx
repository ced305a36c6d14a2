import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import type { MailNotices, PutMailNotices } from "../api/types";
import { useSync } from "../app/context";
import { m } from "../paraglide/messages.js";
import { Asked } from "../ui/Asked";
import { tellProblem } from "../ui/failure";
import { Segmented } from "../ui/Segmented";
import "./push.css";

/** Told anew whenever other choices are. */
const key = ["notices", "mail"];
const MINUTE_S = 60;

/** When I am written to about what calls me and stays unread; the same on every device. */
export function MailChoice() {
  const queries = useQueryClient();
  const mail = useQuery({ queryKey: key, queryFn: () => api.mailNotices() });
  const change = useMutation({
    mutationFn: (wanted: PutMailNotices) => api.chooseMail(wanted),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Asked label={m.mail_title()} query={mail}>
      {(now) => (
        <Choices
          now={now}
          wanted={change.isPending ? change.variables : undefined}
          onChange={(wanted) => change.mutate(wanted)}
        />
      )}
    </Asked>
  );
}

interface ChoicesProps {
  now: MailNotices;
  /** What was just chosen, until it is so. */
  wanted: PutMailNotices | undefined;
  onChange: (wanted: PutMailNotices) => void;
}

function Choices({ now, wanted, onChange }: ChoicesProps) {
  const email = useSync((state) => state.me.email);
  const { available, soon_s: soonS, text_allowed: textAllowed } = now;
  if (!available) {
    return (
      <div>
        <p className="push-title">{m.mail_title()}</p>
        <p className="note">{m.mail_unable()}</p>
      </div>
    );
  }
  const minutes = String(Math.max(1, Math.round(soonS / MINUTE_S)));
  const { pace, show_text: showText } = { ...now, ...wanted };
  return (
    <>
      <div>
        <Segmented
          label={m.mail_title()}
          value={pace}
          options={[
            { value: "soon", label: m.mail_soon({ minutes }) },
            { value: "hourly", label: m.mail_hourly() },
            { value: "daily", label: m.mail_daily() },
            { value: "never", label: m.mail_never() },
          ]}
          onChange={(next) => onChange({ pace: next })}
        />
        {email && <p className="note">{m.mail_note({ email })}</p>}
      </div>
      {textAllowed && pace !== "never" && (
        <div>
          <Segmented
            label={m.mail_text()}
            value={showText ? "on" : "off"}
            options={[
              { value: "on", label: m.mail_text_on() },
              { value: "off", label: m.mail_text_off() },
            ]}
            onChange={(next) => onChange({ pace, show_text: next === "on" })}
          />
          <p className="note">{m.mail_text_note()}</p>
        </div>
      )}
    </>
  );
}
