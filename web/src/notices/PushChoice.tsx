import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useEngine } from "../app/context";
import { m } from "../paraglide/messages.js";
import { Asked } from "../ui/Asked";
import { tellProblem } from "../ui/failure";
import { Icon } from "../ui/Icon";
import { Segmented } from "../ui/Segmented";
import { type PushState, pushState, turnOff, turnOn } from "./push";
import "./push.css";

const ASKED = "tertulia.push.asked";

function usePush() {
  const person = useEngine().me.id;
  const queries = useQueryClient();
  const queryKey = ["push", person];
  const state = useQuery({ queryKey, queryFn: () => pushState(person) });
  const change = useMutation({
    mutationFn: (on: boolean) => (on ? turnOn(person) : turnOff()),
    onSuccess: (now) => queries.setQueryData(queryKey, now),
    onError: tellProblem,
  });
  return { state, change };
}

/** Whether this browser tells while no page is open. */
export function PushChoice() {
  const { state, change } = usePush();
  return (
    <Asked label={m.push_title()} query={state}>
      {(now) => (
        <Choice
          state={now}
          wanted={change.isPending ? change.variables : undefined}
          onChange={(on) => change.mutate(on)}
        />
      )}
    </Asked>
  );
}

interface ChoiceProps {
  state: PushState;
  /** What was just chosen, until it is so. */
  wanted: boolean | undefined;
  onChange: (on: boolean) => void;
}

function Choice({ state, wanted, onChange }: ChoiceProps) {
  if (state === "unable" || state === "denied") {
    return (
      <div>
        <p className="push-title">{m.push_title()}</p>
        <p className="note">{state === "denied" ? m.push_denied() : m.push_unable()}</p>
      </div>
    );
  }
  const shown = wanted ?? state === "on";
  return (
    <div>
      <Segmented
        label={m.push_title()}
        value={shown ? "on" : "off"}
        options={[
          { value: "off", label: m.off() },
          { value: "on", label: m.on() },
        ]}
        onChange={(choice) => onChange(choice === "on")}
      />
      <p className="note">{m.push_note()}</p>
    </div>
  );
}

function wasAsked() {
  try {
    return localStorage.getItem(ASKED) !== null;
  } catch {
    return true;
  }
}

/** Asks once, where somebody looks at what called them; the browser asks only after a yes. */
export function PushCard() {
  const { state, change } = usePush();
  const [asked, setAsked] = useState(wasAsked);
  const close = () => {
    localStorage.setItem(ASKED, "");
    setAsked(true);
  };
  if (asked || state.data !== "off") return null;
  return (
    <section className="card push-card" aria-labelledby="push-card">
      <Icon name="bell" />
      <div>
        <h2 id="push-card">{m.push_card_title()}</h2>
        <p>{m.push_card_about()}</p>
      </div>
      <div className="actions">
        <button type="button" className="btn quiet" onClick={close}>
          {m.push_card_no()}
        </button>
        <button
          type="button"
          className="btn primary"
          disabled={change.isPending}
          onClick={() => change.mutate(true, { onSuccess: close })}
        >
          {m.push_card_yes()}
        </button>
      </div>
    </section>
  );
}
