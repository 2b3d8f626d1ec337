// The clock that both threads share: fake timers and a changed system clock do not move it.
const { hrtime } = process;
const { bigint } = hrtime;
const { Number: toNumber } = globalThis;

/** Milliseconds on the process's monotonic clock: the same in every thread. */
export function monotonicMs(): number {
  return toNumber(bigint.call(hrtime)) / 1e6;
}
