// AbortSignals that cross: the sender keeps the signal and reports when it fires. The receiver passes a
// signal of its own to the callee, which fires then. Both drop it when the call has been answered.
import { onAbort } from "../executor/signal-hub.js";
import { packThrown, unpackThrown } from "../protocol/parcel.js";
import type { PackedSignal } from "./values.js";

/** The received signals of one call. */
export interface ReceivedSignals {
  signalOf(packed: PackedSignal): AbortSignal;
  forget(): void;
}

/** The signals of one connection, in both directions. */
export class Signals {
  readonly #tell: (id: number, reason: unknown) => void;
  readonly #shared: boolean;
  readonly #received = new Map<number, AbortController>();
  readonly #lasting = new Set<() => void>();
  #lastId = 0;

  /** @param shared whether both sides share memory */
  constructor(tell: (id: number, reason: unknown) => void, shared: boolean) {
    this.#tell = tell;
    this.#shared = shared;
  }

  /** Sends `signal`. Call `forget` when the call has been answered. */
  pack(signal: AbortSignal): { packed: PackedSignal; forget(): void } {
    const id = ++this.#lastId;
    const flag = this.#shared ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
    const flagged = flag === undefined ? {} : { flag };
    if (signal.aborted) return { packed: { kind: "signal", id, ...flagged, reason: packThrown(signal.reason, this.#shared ? "thread" : "process") }, forget() {} };
    const forget = onAbort(signal, () => {
      if (flag !== undefined) Atomics.store(flag, 0, 1);
      this.#tell(id, packThrown(signal.reason, this.#shared ? "thread" : "process"));
    });
    return { packed: { kind: "signal", id, ...flagged }, forget };
  }

  /** Keeps reporting the signals until the connection ends. */
  keep(forget: () => void): void {
    this.#lasting.add(forget);
  }

  /** The connection has ended: nothing is reported any more. */
  lose(): void {
    for (const forget of this.#lasting) forget();
    this.#lasting.clear();
  }

  /** The other side reports that a signal has fired. The signal of an answered call is unknown by now. */
  aborted(id: number, reason: unknown): void {
    this.#received.get(id)?.abort(unpackThrown(reason as PackedSignal["reason"] & object));
  }

  receive(): ReceivedSignals {
    const ids: number[] = [];
    return {
      signalOf: ({ id, reason }) => {
        const controller = new AbortController();
        if (reason !== undefined) controller.abort(unpackThrown(reason));
        else {
          ids.push(id);
          this.#received.set(id, controller);
        }
        return controller.signal;
      },
      forget: () => {
        for (const id of ids) this.#received.delete(id);
      },
    };
  }
}
