import { asProblem } from "../api/problem";
import { toast } from "../kit/toasts";
import { describe } from "./States";

/** Says what went wrong where there is no place of its own for it. */
export function tellProblem(error: unknown) {
  const problem = asProblem(error);
  toast(describe(problem), problem.requestId);
}
