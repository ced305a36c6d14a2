import { type InputHTMLAttributes, useId } from "react";

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  note?: string;
  fault?: string;
};

/** A labelled input with what helps and what is wrong told beside it. */
export function Field({ label, note, fault, ...props }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        aria-describedby={note || fault ? `${id}-more` : undefined}
        aria-invalid={fault ? true : undefined}
        {...props}
      />
      {(note || fault) && (
        <span id={`${id}-more`} className={fault ? "fault" : "note"}>
          {fault ?? note}
        </span>
      )}
    </div>
  );
}
