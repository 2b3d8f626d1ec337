// The clock that both threads share. Fake timers and changes of the system clock do not affect it.
const { hrtime } = process;
const { bigint } = hrtime;
const { Number: toNumber } = globalThis;

/** Milliseconds on the monotonic clock of the process, which is the same in every thread. */
export function monotonicMs(): number {
  return toNumber(bigint.call(hrtime)) / 1e6;
}
