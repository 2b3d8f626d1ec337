// The advice for a stall, in one sentence, by its kind.
import type { BlockingCall } from "../protocol/blocking-calls.js";
import type { StallKind } from "../protocol/stall.js";
import type { Loading } from "./loading.js";

/** What the advice depends on. */
export interface Advised {
  /** The name of the function to offload, if it has one. */
  readonly name: string | undefined;
  /** The blocking call that held the loop. */
  readonly call: BlockingCall | undefined;
  /** The package whose function is the place, if the samples share no function of the program. */
  readonly caller: string | undefined;
  /** What was loaded, if modules were. */
  readonly loading: Loading | undefined;
}

export function adviceFor(kind: StallKind, { name, call, caller, loading }: Advised): string {
  switch (kind) {
    case "native":
      if (call && caller !== undefined) return `${caller} calls ${call.name}: use an asynchronous interface of it if there is one, or run the call of your program that leads there on a worker thread: await toThread(fn, …) from offloop`;
      return call ? `instead of ${call.name}, use ${call.instead}` : offload(name, caller);
    case "script":
      return offload(name, caller);
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

function offload(name: string | undefined, caller: string | undefined): string {
  if (name === undefined && caller !== undefined) return `the time goes in ${caller}: find the call of your program that leads there, and run it on a worker thread: await toThread(fn, …) from offloop`;
  return name === undefined
    ? "move this work into a function, and run the function on a worker thread: await toThread(fn, …) from offloop"
    : `run it on a worker thread: await toThread(${name}, …) from offloop`;
}
