// Signal handlers: operating-system signals as callbacks of a loop.
import { invalidOption, LONGEST_DELAY_MS } from "@offloop/workers/executor";
import type { Handle } from "./handle.js";
import { clearInterval, setInterval } from "./real-time.js";

/** The signal handlers of one loop, at most one for each signal. Main thread only. */
export class SignalHandlers {
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #isRunning = false;
  #keepAlive: NodeJS.Timeout | undefined;

  /** Whether the loop is being run. A handler then keeps the process alive, which Node's signal listeners do not. */
  set isRunning(isRunning: boolean) {
    this.#isRunning = isRunning;
    this.#keepAliveOrNot();
  }

  /** @param handle `schedule` runs it each time the signal arrives */
  add(signal: NodeJS.Signals, handle: Handle, schedule: (handle: Handle) => void): void {
    if (!process.getBuiltinModule("node:worker_threads").isMainThread) throw new Error("Signals come to the main thread only. Add the handler there.");
    if (!Object.hasOwn(process.getBuiltinModule("node:os").constants.signals, signal)) throw invalidOption("addSignalHandler()", "signal", signal, "the name of a signal that this system has");
    if (signal === "SIGKILL" || signal === "SIGSTOP") throw invalidOption("addSignalHandler()", "signal", signal, "a signal that can be handled");
    this.remove(signal);
    const listener = (): void => schedule(handle);
    this.#listeners.set(signal, listener);
    process.on(signal, listener);
    this.#keepAliveOrNot();
  }

  /** @returns whether there was one */
  remove(signal: NodeJS.Signals): boolean {
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return false;
    process.off(signal, listener);
    this.#listeners.delete(signal);
    this.#keepAliveOrNot();
    return true;
  }

  clear(): void {
    for (const signal of [...this.#listeners.keys()]) this.remove(signal);
  }

  #keepAliveOrNot(): void {
    if (this.#isRunning && this.#listeners.size > 0) this.#keepAlive ??= setInterval(() => {}, LONGEST_DELAY_MS);
    else {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
  }
}
