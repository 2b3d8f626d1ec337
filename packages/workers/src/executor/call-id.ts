// The number of each call, on every kind of executor. It never overflows, because a program makes fewer than 2^53 calls.

let lastId = 0;

/** Unique in this thread. */
export function nextCallId(): number {
  return ++lastId;
}
