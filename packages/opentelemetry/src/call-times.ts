// How long each call waited and ran.
import { performance } from "node:perf_hooks";
import type { CallEvent, CallSettledEvent } from "@offloop/workers";

/** In milliseconds. */
export interface CallTimes {
  /** From the submission until a worker had the call, or until the call settled before that. */
  readonly queuedMs: number;
  /** `undefined`: no worker had the call. */
  readonly runMs: number | undefined;
}

interface Times {
  readonly submitted: number;
  sent: number | undefined;
}

export class CallClock {
  readonly #calls = new Map<number, Times>();

  submitted({ callId }: CallEvent): void {
    this.#calls.set(callId, { submitted: performance.now(), sent: undefined });
  }

  sent({ callId }: CallEvent): void {
    const times = this.#calls.get(callId);
    if (times !== undefined) times.sent = performance.now();
  }

  requeued({ callId }: CallEvent): void {
    const times = this.#calls.get(callId);
    if (times !== undefined) times.sent = undefined;
  }

  /** @returns `undefined`: the call was submitted before this clock began */
  settled({ callId }: CallSettledEvent): CallTimes | undefined {
    const times = this.#calls.get(callId);
    this.#calls.delete(callId);
    if (times === undefined) return undefined;
    const now = performance.now();
    return { queuedMs: (times.sent ?? now) - times.submitted, runMs: times.sent === undefined ? undefined : now - times.sent };
  }
}
