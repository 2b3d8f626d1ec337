// Errors as traces show them: the same tags for Python's and for offloop's.

/** The errors that programs raise. */
export class FuzzError extends Error {
  constructor(value) {
    super(`fuzz ${value}`);
    this.value = value;
  }
}

/** offloop's errors by their codes, with their tags in a trace. */
const TAGS = {
  ERR_OFFLOOP_TIMEOUT: "timeout",
  ERR_OFFLOOP_QUEUE_EMPTY: "queue-empty",
  ERR_OFFLOOP_QUEUE_FULL: "queue-full",
  ERR_OFFLOOP_QUEUE_SHUT_DOWN: "queue-shutdown",
  ERR_OFFLOOP_BROKEN_BARRIER: "broken-barrier",
};

/** The tag of a cancellation has its message, and that of a group the tags of its errors in order. */
export function errorTag(error) {
  if (error?.code === "ERR_OFFLOOP_CANCELLED") return ["cancelled", error.cause === undefined ? null : error.cause];
  if (error instanceof FuzzError) return ["error", error.value];
  if (error instanceof AggregateError) return ["group", error.errors.map(errorTag)];
  return [TAGS[error?.code] ?? "misuse"];
}
