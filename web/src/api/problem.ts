/** What went wrong with a request, as one class that every caller can ask. */

export interface ProblemBody {
  kind: string;
  title: string;
  status: number;
  detail?: string;
  instance?: string;
  errors?: { field: string; kind: string }[];
}

export class Problem extends Error {
  readonly kind: string;
  readonly status: number;
  readonly detail: string | undefined;
  /** The id to quote when asking for help. */
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(body: ProblemBody, retryAfterMs?: number) {
    super(body.title);
    this.name = "Problem";
    this.kind = body.kind;
    this.status = body.status;
    this.detail = body.detail;
    this.requestId = body.instance;
    this.retryAfterMs = retryAfterMs;
  }

  /** The request may or may not have arrived, or the server may manage later. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = (title = "The server cannot be reached") =>
  new Problem({ kind: "unreachable", title, status: 0 });

const isBody = (value: unknown): value is ProblemBody =>
  typeof value === "object" && value !== null && "kind" in value && "status" in value;

/** A problem from whatever a failed answer carried. */
export function problemFrom(response: Response, body: unknown): Problem {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfterMs = seconds > 0 ? seconds * 1000 : undefined;
  const requestId = response.headers.get("X-Request-Id") ?? undefined;
  if (isBody(body)) return new Problem({ instance: requestId, ...body }, retryAfterMs);
  const title = response.statusText || `HTTP ${response.status}`;
  const plain = { kind: "internal", title, status: response.status, instance: requestId };
  return new Problem(plain, retryAfterMs);
}

/** A problem from an acknowledgement of the socket. */
export const problemFromAck = (body: unknown): Problem =>
  new Problem(isBody(body) ? body : { kind: "internal", title: "Refused", status: 500 });

export const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : unreachable(error instanceof Error ? error.message : undefined);

/** Of what an address of a page leads to: where nothing can be, nothing is. */
export function problemOfAddress(error: unknown): Problem {
  const problem = asProblem(error);
  if (problem.kind !== "malformed") return problem;
  const { message: title, requestId: instance } = problem;
  return new Problem({ kind: "not_found", title, status: 404, instance });
}
