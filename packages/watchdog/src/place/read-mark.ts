// Reads which blocking call the watched thread is in, from the marks that breadcrumbs.ts leaves.
import { blockingCalls, type BlockingCall } from "../protocol/blocking-calls.js";
import { mark, type Marks } from "../protocol/marks.js";

/** A blocking call, read from its mark while it runs. */
export interface MarkedCall {
  /** Index in `blockingCalls()`, from 1. */
  readonly call: number;
  readonly argument: string | undefined;
}

const decoder = new TextDecoder();

/** The call that runs now; `undefined`: none that is marked. */
export function readMark({ words, text }: Marks): MarkedCall | undefined {
  const call = Atomics.load(words, mark.call);
  if (call === 0) return undefined;
  const bytes = Atomics.load(words, mark.textBytes);
  return { call, argument: bytes > 0 ? decoder.decode(text.slice(0, bytes)) : undefined };
}

/** `undefined` for an index that means none. */
export function blockingCall(index: number): BlockingCall | undefined {
  return blockingCalls()[index - 1];
}

/** As it might stand in the source: `fs.readFileSync("/etc/hosts")`. */
export function callText({ call, argument }: MarkedCall): string {
  const name = blockingCall(call)?.name ?? "a blocking call";
  return argument === undefined ? `${name}(…)` : `${name}(${JSON.stringify(argument)})`;
}
