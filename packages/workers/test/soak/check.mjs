// Decides whether an outcome is one that the call may have.
import { isDeepStrictEqual } from "node:util";

const CRASHES = ["ERR_OFFLOOP_WORKER_CRASHED", "ERR_OFFLOOP_OUT_OF_MEMORY", "ERR_OFFLOOP_POISON_CALL"];

/** Awaits a future. @returns `{ value }` or `{ error }` */
export const settle = (future) => future.then((value) => ({ value }), (error) => ({ error }));

export const codeOf = (error) => {
  try {
    return error?.code;
  } catch {
    return undefined;
  }
};

/** The reason why a call may fail with this error, whatever it does; `undefined`: it may not. */
export function allowed(error, { may, generation }) {
  const code = codeOf(error);
  if (CRASHES.includes(code)) return generation.kind === "inline" ? undefined : "crashed";
  if (code === "ERR_OFFLOOP_CANCELLED" && (may.cancel || generation.closing)) return "cancelled";
  if (code === "ERR_OFFLOOP_CALL_TIMEOUT" && (may.timeout || may[error.stage])) return "timed out";
  if (code === "ERR_OFFLOOP_SHUTDOWN" && generation.closing) return "refused";
  if (code === "ERR_OFFLOOP_CALL_QUEUE_FULL" && generation.maxQueue !== Infinity) return "queue full";
  if (code === "ERR_OFFLOOP_WORKER_START" && generation.struck) return "not started"; // a signal hit a process that started
  return undefined;
}

/**
 * @param expected what the call gives: `value` and `error` are predicates or values; without one, it never gives that
 * @returns the name of the outcome
 * @throws Error the call must not have this outcome
 */
export function verify(label, outcome, expected, context) {
  const fits = (key, given) => key in expected && (typeof expected[key] === "function" ? expected[key](given) : isDeepStrictEqual(given, expected[key]));
  if ("value" in outcome) {
    if (fits("value", outcome.value)) return label;
  } else {
    const reason = allowed(outcome.error, context);
    if (reason !== undefined) return reason;
    if (fits("error", outcome.error)) return label;
  }
  const problem = new Error(`${label} on ${context.generation.kind} must not end like this`);
  problem.outcome = outcome;
  throw problem;
}
