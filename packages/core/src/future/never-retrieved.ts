// Reports errors of futures that were never retrieved to the loop's exception handler: when the future is
// collected, and at the latest when its loop closes or the process exits.
import type { LoopHost } from "../loop/host.js";

/** An error that has not been retrieved. It does not keep its future alive. */
export interface Mishap {
  readonly loop: LoopHost;
  readonly what: string;
  readonly error: unknown;
}

const open = new Set<Mishap>();
const registry = new FinalizationRegistry<Mishap>((mishap) => report(mishap));
let atExit = false;

/** Watches a rejected future for which no task waits. Its error is reported if it is never retrieved. */
export function reportIfNeverRetrieved(future: object, loop: LoopHost, what: string, error: unknown): Mishap {
  const mishap = { loop, what, error };
  open.add(mishap);
  registry.register(future, mishap, mishap);
  if (!atExit) {
    atExit = true;
    process.once("exit", () => reportAll());
  }
  return mishap;
}

/** The error was retrieved. */
export function retrieved(mishap: Mishap): void {
  open.delete(mishap);
  registry.unregister(mishap);
}

/** Reports the open errors of `loop`; `undefined`: of all loops. */
export function reportAll(loop?: LoopHost): void {
  for (const mishap of [...open]) if (loop === undefined || mishap.loop === loop) report(mishap);
}

function report(mishap: Mishap): void {
  if (!open.delete(mishap)) return;
  registry.unregister(mishap);
  mishap.loop.callExceptionHandler({ message: `${mishap.what}: its error was never retrieved. Await it, or look at exception().`, error: mishap.error });
}
