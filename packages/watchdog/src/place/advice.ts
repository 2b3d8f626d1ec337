// The advice for a stall, in one sentence, by its kind.
import type { BlockingCall } from "../protocol/blocking-calls.js";
import type { StallKind } from "../protocol/stall.js";
import type { Loading } from "./loading.js";
import type { ToOffload } from "./what-to-offload.js";

/** What the advice depends on. */
export interface Advised extends ToOffload {
  /** The blocking call that held the loop. */
  readonly call: BlockingCall | undefined;
  /** The package whose function is the place, if the samples share no function of the program. */
  readonly caller: string | undefined;
  /** What was loaded, if modules were. */
  readonly loading: Loading | undefined;
}

export function adviceFor(kind: StallKind, { name, obstacle, call, caller, loading }: Advised): string {
  switch (kind) {
    case "native":
      if (call && caller !== undefined) return `${caller} calls ${call.name}: use an asynchronous interface of it if there is one, or run the call of your program that leads there on a worker thread: await toThread(fn, …) from offloop`;
      return call ? `instead of ${call.name}, use ${call.instead}` : offload({ name, obstacle }, caller);
    case "script":
      return offload({ name, obstacle }, caller);
    case "loading":
      return loadAtStart(loading);
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

function loadAtStart(loading: Loading | undefined): string {
  const { modules = 0, slowest } = loading ?? {};
  const loaded = modules > 0 ? `at least ${modules} modules were loaded` : "modules were loaded";
  const longest = slowest === undefined ? "" : `, most of the time for ${slowest}`;
  return `${loaded} while the loop ran${longest}: load them at the start of the program, with a static import or a require at the top of the file`;
}

function offload({ name, obstacle }: ToOffload, caller: string | undefined): string {
  const run = `await toThread(${name ?? "fn"}, …) from offloop`;
  switch (obstacle) {
    case "pattern":
      return `a regular expression took the time: limit the length of the text, or change the pattern, because nested and adjacent quantifiers backtrack; otherwise run it on a worker thread: ${run}`;
    case "request":
      return "a request and a response cannot travel to a worker thread: move the work into a function that takes and returns data alone, and run that one there: await toThread(fn, …) from offloop";
    case "stream":
      return "collect many chunks, and process each batch on a worker thread: await toThread(fn, batch) from offloop";
    case undefined:
      break;
    default:
      obstacle satisfies never;
  }
  if (name !== undefined) return `run it on a worker thread: ${run}`;
  return caller === undefined
    ? `move this work into a function, and run the function on a worker thread: ${run}`
    : `the time goes in ${caller}: find the call of your program that leads there, and run it on a worker thread: ${run}`;
}
