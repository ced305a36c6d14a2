import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { closeLayer } from "../app/layers";
import { m } from "../paraglide/messages.js";
import { Dialog } from "./Dialog";
import { describe } from "./States";

interface Props {
  title: string;
  action: string;
  run: () => Promise<unknown>;
  children: ReactNode;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, action, run, children }: Props) {
  const mutation = useMutation({ mutationFn: run, onSuccess: closeLayer });
  return (
    <Dialog
      title={title}
      role="alertdialog"
      footer={
        <>
          <button
            type="button"
            className="btn danger primary"
            disabled={mutation.isPending}
            autoFocus
            onClick={() => mutation.mutate()}
          >
            {action}
          </button>
          <button type="button" className="btn" onClick={closeLayer}>
            {m.cancel()}
          </button>
        </>
      }
    >
      <div className="body">
        {children}
        {mutation.isError && (
          <div className="field" role="alert">
            <span className="fault">{describe(asProblem(mutation.error))}</span>
          </div>
        )}
      </div>
    </Dialog>
  );
}
