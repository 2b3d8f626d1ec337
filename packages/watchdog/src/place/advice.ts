// The advice for a stall, in one sentence, by its kind.
import type { BlockingCall } from "../protocol/blocking-calls.js";
import type { StallKind } from "../protocol/stall.js";

/** What the advice depends on. */
export interface Advised {
  /** The name of the function to offload, if it has one. */
  readonly name: string | undefined;
  /** The blocking call that held the loop. */
  readonly call: BlockingCall | undefined;
  /** The package whose function is the place, if the samples share no function of the program. */
  readonly caller: string | undefined;
}

export function adviceFor(kind: StallKind, { name, call, caller }: Advised): string {
  switch (kind) {
    case "native":
      if (call && caller !== undefined) return `${caller} calls ${call.name}: use an asynchronous interface of it if there is one, or run the call of your program that leads there on a worker thread: await toThread(fn, …) from offloop`;
      return call ? `instead of ${call.name}, use ${call.instead}` : offload(name, caller);
    case "script":
      return offload(name, caller);
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

function offload(name: string | undefined, caller: string | undefined): string {
  if (name === undefined && caller !== undefined) return `the time goes in ${caller}: find the call of your program that leads there, and run it on a worker thread: await toThread(fn, …) from offloop`;
  return name === undefined
    ? "move this work into a function, and run the function on a worker thread: await toThread(fn, …) from offloop"
    : `run it on a worker thread: await toThread(${name}, …) from offloop`;
}
