// The functions that every contender runs on its workers. Each takes one argument, because some pools pass no
// more. The suites check each result.
import { setTimeout as sleep } from "node:timers/promises";

const key: unique symbol = Symbol.for("offloop.taskContext");

/** Takes almost no time. The result shows that it ran with its argument. */
export function increment(value: number): number {
  return value + 1;
}

/** Keeps a core busy for `rounds` steps of the generator xorshift32. The result depends on `rounds` only. */
export function grind(rounds: number): number {
  let state = 0x9e3779b9;
  for (let round = 0; round < rounds; round += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state >>> 0;
}

/** The number of `rounds` that take about a microsecond on the machine where the number was chosen. */
export const ROUNDS_A_MICROSECOND = 690;

/** One item of a long list: some 2 µs of work. */
export function item(value: number): number {
  return (grind(1_500) ^ value) >>> 0;
}

/** Runs a chunk of items in one call, for contenders whose lists the suite cuts into chunks. */
export function items(values: number[]): number[] {
  return values.map(item);
}

/** Returns its argument, to measure the transfer in both directions. */
export function identity(value: unknown): unknown {
  return value;
}

/** Returns the number of bytes, to measure the transfer of the argument only. */
export function sizeOf(value: ArrayBufferView | SharedArrayBuffer): number {
  return value.byteLength;
}

/** Waits on a timer. */
export async function pause(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** Holds its thread without computing. */
export function block(ms: number): number {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return ms;
}

/** The argument of `untilCancelled`. */
export interface Cancellable {
  readonly ms: number;
  /** Shared memory of one word. The function sets it to 1 when it begins. */
  readonly begun: SharedArrayBuffer;
}

/** Works for this many milliseconds. It stops earlier if it sees its cancellation. */
export function untilCancelled({ ms, begun }: Cancellable): boolean {
  // The global that taskContext() reads. It is not imported, because the workers of other contenders must not load offloop.
  const context = (globalThis as { [key]?: () => { readonly cancelled: boolean } | undefined })[key]?.();
  Atomics.store(new Int32Array(begun), 0, 1);
  const end = performance.now() + ms;
  while (performance.now() < end) if (context?.cancelled) return true;
  return false;
}

/** Works for this many milliseconds, and looks for nothing. */
export function toTheEnd({ ms, begun }: Cancellable): boolean {
  Atomics.store(new Int32Array(begun), 0, 1);
  const end = performance.now() + ms;
  while (performance.now() < end);
  return false;
}
