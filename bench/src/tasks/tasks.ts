// The functions that every contender runs on its workers. Each takes one argument, the least that all
// pools can pass, and has a result that the suites check.
import { setTimeout as sleep } from "node:timers/promises";

const key: unique symbol = Symbol.for("offloop.taskContext");

/** Does nothing worth measuring; the result tells that it ran, and with what. */
export function increment(value: number): number {
  return value + 1;
}

/** Keeps a core busy: `rounds` steps of a generator (xorshift32). The same rounds give the same result anywhere. */
export function grind(rounds: number): number {
  let state = 0x9e3779b9;
  for (let round = 0; round < rounds; round += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state >>> 0;
}

/** Steps of `grind` that take about a microsecond where the figure was chosen. */
export const ROUNDS_A_MICROSECOND = 690;

/** One item of a long list: some 2 µs of work. */
export function item(value: number): number {
  return (grind(1_500) ^ value) >>> 0;
}

/** Runs a chunk of items at once, for contenders whose lists are cut by hand. */
export function items(values: number[]): number[] {
  return values.map(item);
}

/** Returns its argument: measures the way there and back. */
export function identity(value: unknown): unknown {
  return value;
}

/** Returns the number of bytes: measures one way. */
export function sizeOf(value: ArrayBufferView | SharedArrayBuffer): number {
  return value.byteLength;
}

/** Waits without work. */
export async function pause(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** What `untilCancelled` takes. */
export interface Cancellable {
  readonly ms: number;
  /** One word, which is 1 from the moment that the call has begun. */
  readonly begun: SharedArrayBuffer;
}

/** Works for this many milliseconds. It stops earlier if it can see that it was cancelled. */
export function untilCancelled({ ms, begun }: Cancellable): boolean {
  // The global that taskContext() reads. It is not imported, because the workers of other contenders must not load offloop.
  const context = (globalThis as { [key]?: () => { readonly cancelled: boolean } | undefined })[key]?.();
  Atomics.store(new Int32Array(begun), 0, 1);
  const end = performance.now() + ms;
  while (performance.now() < end) if (context?.cancelled) return true;
  return false;
}
