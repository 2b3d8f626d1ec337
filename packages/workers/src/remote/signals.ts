// AbortSignals that cross: the sender keeps the signal and tells when it fires; the receiver gives the
// callee a signal of its own that fires then. Both forget it when the call has been answered.
import { onAbort } from "../executor/signal-hub.js";
import { packThrown, unpackThrown } from "../protocol/error-envelope.js";
import type { PackedSignal } from "./values.js";

/** Signals of one call, as they were received. */
export interface ReceivedSignals {
  signalOf(packed: PackedSignal): AbortSignal;
  forget(): void;
}

/** Signals on both their ways over one connection. */
export class Signals {
  readonly #tell: (id: number, reason: unknown) => void;
  readonly #shared: boolean;
  readonly #received = new Map<number, AbortController>();
  readonly #lasting = new Set<() => void>();
  #lastId = 0;

  /** @param shared whether both sides see the same memory */
  constructor(tell: (id: number, reason: unknown) => void, shared: boolean) {
    this.#tell = tell;
    this.#shared = shared;
  }

  /** Sends `signal`; `forget` is to be called when the call has been answered. */
  pack(signal: AbortSignal): { packed: PackedSignal; forget(): void } {
    const id = ++this.#lastId;
    const flag = this.#shared ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
    const flagged = flag === undefined ? {} : { flag };
    if (signal.aborted) return { packed: { kind: "signal", id, ...flagged, reason: packThrown(signal.reason) }, forget() {} };
    const forget = onAbort(signal, () => {
      if (flag !== undefined) Atomics.store(flag, 0, 1);
      this.#tell(id, packThrown(signal.reason));
    });
    return { packed: { kind: "signal", id, ...flagged }, forget };
  }

  /** Keeps telling of signals for as long as there is somebody to tell. */
  keep(forget: () => void): void {
    this.#lasting.add(forget);
  }

  /** Nobody is left to tell. */
  lose(): void {
    for (const forget of this.#lasting) forget();
    this.#lasting.clear();
  }

  /** The other side says that a signal has fired. One of a call that was answered meanwhile is known no more. */
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
