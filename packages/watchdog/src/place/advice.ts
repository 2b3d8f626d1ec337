// The advice for a stall, in one sentence, by its kind.
import type { BlockingCall } from "../protocol/blocking-calls.js";
import type { StallKind } from "../protocol/stall.js";

/** @param name the name of the function to offload, if it has one */
export function adviceFor(kind: StallKind, name: string | undefined, call: BlockingCall | undefined): string {
  switch (kind) {
    case "native":
      return call ? `in place of ${call.name} use ${call.instead}` : offload(name);
    case "script":
      return offload(name);
    case "microtasks":
      return "let the loop turn between the steps: await sleep(0) from offloop, or setImmediate";
    case "callbacks":
      return "many short callbacks ran in one turn: spread them with setImmediate, or handle them in batches off the loop";
    case "collection":
      return "collecting garbage took this long: keep less on the heap, or allocate less at once; a thread would not help";
    case "starved":
      return "the process did not get the CPU: give it more, or run less beside it";
    default:
      return kind satisfies never;
  }
}

function offload(name: string | undefined): string {
  return name === undefined
    ? "give this work a function of its own and run it off the loop: await toThread(fn, …) from offloop"
    : `run it off the loop: await toThread(${name}, …) from offloop`;
}
