// Signal handlers: operating-system signals as callbacks of a loop.
import { invalidOption } from "@offloop/workers/executor";
import { constants } from "node:os";
import type { Handle } from "./handle.js";

export class SignalHandlers {
  readonly #listeners = new Map<NodeJS.Signals, () => void>();

  /** @param handle `schedule` runs it each time the signal arrives */
  add(signal: NodeJS.Signals, handle: Handle, schedule: (handle: Handle) => void): void {
    if (!process.getBuiltinModule("node:worker_threads").isMainThread) throw new Error("Signals come to the main thread only: add the handler there");
    if (!Object.hasOwn(constants.signals, signal)) throw invalidOption("addSignalHandler()", "signal", signal, "the name of a signal that this system has");
    if (signal === "SIGKILL" || signal === "SIGSTOP") throw invalidOption("addSignalHandler()", "signal", signal, "a signal that can be handled");
    this.remove(signal);
    const listener = (): void => schedule(handle);
    this.#listeners.set(signal, listener);
    process.on(signal, listener);
  }

  /** @returns whether there was one */
  remove(signal: NodeJS.Signals): boolean {
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return false;
    process.off(signal, listener);
    return this.#listeners.delete(signal);
  }

  clear(): void {
    for (const signal of [...this.#listeners.keys()]) this.remove(signal);
  }
}
