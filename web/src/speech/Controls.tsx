import type { Message } from "../api/types";
import { usePreference } from "../kit/preferences";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { nextRate, press, seek, stop, usePlayer } from "./player";

const STEP_S = 0.5;
/** Seconds that an arrow key goes. */
const LEAP_S = 5;

/** What can be done with what is heard. */
export default function Controls({ message }: { message: Message }) {
  const phase = usePlayer((player) => player.phase);
  const sounds = phase === "playing" || phase === "paused";
  const classes = sounds ? "player sound" : "player";
  return (
    <div className={classes} role="group" aria-label={m.speech_player()}>
      {sounds ? (
        <Sound message={message} playing={phase === "playing"} />
      ) : (
        <Waiting message={message} failed={phase === "failed"} delayed={phase === "delayed"} />
      )}
    </div>
  );
}

interface WaitingProps {
  message: Message;
  failed: boolean;
  delayed: boolean;
}

function Waiting({ message, failed, delayed }: WaitingProps) {
  const why = usePlayer((player) => player.why);
  const reason = {
    too_large: m.speech_too_long(),
    conflict: m.speech_nothing(),
    unavailable: m.speech_failed(),
    other: m.speech_failed(),
  }[why ?? "other"];
  const again = failed && why !== "too_large" && why !== "conflict";
  return (
    <>
      {failed ? <Icon name="warn" small /> : <span className="working" aria-hidden="true" />}
      <span role="status" className={failed ? "bad" : undefined}>
        {failed ? reason : delayed ? m.speech_delayed() : m.speech_preparing()}
      </span>
      {again && (
        <button type="button" className="btn small" onClick={() => press(message)}>
          {m.retry()}
        </button>
      )}
      <button type="button" className="btn small quiet" onClick={stop}>
        {failed ? m.close() : m.cancel()}
      </button>
    </>
  );
}

function Sound({ message, playing }: { message: Message; playing: boolean }) {
  const { at, length } = usePlayer();
  const rate = usePreference("speechRate");
  const place = m.speech_place({ at: clock(at), length: clock(length) });
  return (
    <>
      <IconButton
        icon={playing ? "pause" : "play"}
        label={playing ? m.speech_pause() : m.speech_go_on()}
        onClick={() => press(message)}
      />
      <input
        type="range"
        min={0}
        max={Math.max(length, STEP_S)}
        step={STEP_S}
        value={Math.min(at, length)}
        aria-label={m.speech_position()}
        aria-valuetext={place}
        onChange={(event) => seek(event.target.valueAsNumber)}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -LEAP_S, ArrowRight: LEAP_S }[event.key];
          if (event.key !== " " && by === undefined) return;
          event.preventDefault();
          if (by === undefined) press(message);
          else seek(usePlayer.getState().at + by);
        }}
      />
      <span className="num" aria-hidden="true">
        {clock(at)} / {clock(length)}
      </span>
      <button
        type="button"
        className="btn small quiet num"
        aria-label={m.speech_rate({ rate })}
        title={m.speech_rate({ rate })}
        onClick={nextRate}
      >
        {rate}×
      </button>
      <IconButton icon="x" label={m.speech_stop()} onClick={stop} />
    </>
  );
}

const clock = (seconds: number) => {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
