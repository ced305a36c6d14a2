import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { m } from "../paraglide/messages.js";
import { describe } from "./States";
import "./asked.css";

interface Props<T> {
  label: string;
  query: UseQueryResult<T>;
  children: (answer: T) => ReactNode;
}

/** One choice among others that the server is asked for: until it is here, and when it is not. */
export function Asked<T>({ label, query, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  return (
    <div className="asked">
      <p className="label">{label}</p>
      {query.isError ? (
        <Refused error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div className="skeleton" role="status">
          <span className="vh">{m.loading()}</span>
        </div>
      )}
    </div>
  );
}

function Refused({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="refused">
      <p className="fault">{describe(problem)}</p>
      {problem.requestId && (
        <p className="request-id">{m.request_id({ id: problem.requestId })}</p>
      )}
      <button type="button" className="btn small" onClick={onRetry}>
        {m.retry()}
      </button>
    </div>
  );
}
