// The advice for a stall, in one sentence, by its kind.
import type { BlockingCall } from "../protocol/blocking-calls.js";
import type { StallKind } from "../protocol/stall.js";

/** @param name the name of the function to offload, if it has one */
export function adviceFor(kind: StallKind, name: string | undefined, call: BlockingCall | undefined): string {
  switch (kind) {
    case "native":
      return call ? `instead of ${call.name}, use ${call.instead}` : offload(name);
    case "script":
      return offload(name);
    case "microtasks":
      return "let the loop turn between the steps: await sleep(0) from offloop, or setImmediate";
    case "callbacks":
      return "many short callbacks ran in one turn of the loop: spread them over several turns with setImmediate, or process them in batches with toThread from offloop";
    case "collection":
      return "garbage collection held the loop: keep fewer objects alive, or allocate less at once; a worker thread would not help";
    case "starved":
      return "the process waited for a CPU: raise its CPU limit, or run fewer processes beside it";
    default:
      return kind satisfies never;
  }
}

function offload(name: string | undefined): string {
  return name === undefined
    ? "move this work into a function, and run the function on a worker thread: await toThread(fn, …) from offloop"
    : `run it on a worker thread: await toThread(${name}, …) from offloop`;
}
