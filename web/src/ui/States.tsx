/** The states every page has besides its content. */
import type { ReactNode } from "react";
import type { Problem } from "../api/problem";
import { m } from "../paraglide/messages.js";
import { Icon, type IconName } from "./Icon";

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  hue?: number;
  /** The page has no other heading. */
  main?: boolean;
}

export function Empty({ icon, title, children, actions, hue = 200, main }: EmptyProps) {
  const Heading = main ? "h1" : "h2";
  return (
    <div className="empty">
      <span className="avatar large" style={{ "--hue": hue } as React.CSSProperties}>
        <Icon name={icon} />
      </span>
      <Heading>{title}</Heading>
      {children && <div>{children}</div>}
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

interface FailedProps {
  title: string;
  problem: Problem | undefined;
  onRetry: () => void;
  /** The page has no other heading. */
  main?: boolean;
}

export function Failed({ title, problem, onRetry, main }: FailedProps) {
  const retry = (
    <button type="button" className="btn" onClick={onRetry}>
      {m.retry()}
    </button>
  );
  return (
    <div role="alert" className="empty-host">
      <Empty icon="warn" title={title} hue={25} actions={retry} main={main}>
        <p>{problem ? describe(problem) : m.problem_unreachable()}</p>
        {problem?.requestId && (
          <p className="request-id">{m.request_id({ id: problem.requestId })}</p>
        )}
      </Empty>
    </div>
  );
}

/** A problem in words for people. */
export function describe(problem: Problem): string {
  switch (problem.kind) {
    case "unreachable":
    case "timeout":
      return m.problem_unreachable();
    case "forbidden":
      return m.problem_forbidden();
    case "not_found":
      return m.problem_not_found();
    case "conflict":
      return m.problem_conflict();
    case "invalid":
    case "too_large":
      return m.problem_invalid();
    case "rate_limited":
      return m.problem_rate_limited();
    case "unauthenticated":
      return m.problem_unauthenticated();
    default:
      return m.problem_server({ status: problem.status });
  }
}

const widths = ["34%", "86%", "64%", "28%", "78%", "52%"];

/** Shown after 150 ms, so that what is fast does not flicker. */
export function Skeletons({ label }: { label: string }) {
  return (
    <div className="skeletons" role="status">
      <span className="vh">{label}</span>
      {widths.map((width) => (
        <div key={width} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}

/** A page of which nothing is known yet; it has a heading all the same. */
export function PageLoading() {
  return (
    <>
      <h1 className="vh">{m.loading()}</h1>
      <Skeletons label={m.loading()} />
    </>
  );
}
