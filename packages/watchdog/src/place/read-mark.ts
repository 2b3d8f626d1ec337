// Reads the marks that watched/breadcrumbs.ts sets: the blocking call that the watched thread is in.
import { blockingCalls, type BlockingCall } from "../protocol/blocking-calls.js";
import { mark, type Marks } from "../protocol/marks.js";

/** A blocking call that runs, as its mark describes it. */
export interface MarkedCall {
  /** The index in `blockingCalls()`, from 1. */
  readonly call: number;
  readonly argument: string | undefined;
}

const decoder = new TextDecoder();

/** The marked call that runs now, if there is one. */
export function readMark({ words, text }: Marks): MarkedCall | undefined {
  const call = Atomics.load(words, mark.call);
  if (call === 0) return undefined;
  const bytes = Atomics.load(words, mark.textBytes);
  return { call, argument: bytes > 0 ? decoder.decode(text.slice(0, bytes)) : undefined };
}

/** The function with this index; `undefined` for 0. */
export function blockingCall(index: number): BlockingCall | undefined {
  return blockingCalls()[index - 1];
}

/** The call as source text: `fs.readFileSync("/etc/hosts")`. */
export function callText({ call, argument }: MarkedCall): string {
  const name = blockingCall(call)?.name ?? "a blocking call";
  return argument === undefined ? `${name}(…)` : `${name}(${JSON.stringify(argument)})`;
}
