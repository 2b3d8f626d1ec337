// What the stall watch needs from outside: a clock, timers, the CPU time of the watched thread and its stack.
// watching-thread.ts provides the real world. Tests provide their own, so that they check decisions at
// exact times.
import type { Capture } from "../protocol/messages.js";

export interface World {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls `fn` once, after `delayMs`. @returns a function that prevents the call */
  after(delayMs: number, fn: () => void): () => void;
  /** Whether the watched thread is exiting. Its loop will not turn again, and it answers no question. */
  isExiting(): boolean;
  readonly cpu: CpuTimes;
  readonly loopWaits: LoopWaits;
  /** Stops the heartbeat or starts it again, as soon as the loop turns. The turn that starts it counts as a beat. */
  rest(resting: boolean): void;
  /** Opens a probe for one stall; `undefined`: the thread cannot be asked for its stack. */
  openProbe(): Probe | undefined;
}

/** How long a thread ran and waited. */
export interface CpuTime {
  /** The time on a CPU, in milliseconds. */
  readonly ranMs: number;
  /** The time in which the thread could run but was given no CPU, in milliseconds. Other processes had it, or the quota of the container was used up. */
  readonly waitedMs: number;
}

/** Reads the CPU time of the watched thread. */
export interface CpuTimes {
  read(now: number): CpuTime;
  /** The CPU time of V8's helper threads, in milliseconds. While they collect garbage, the watched thread waits for them, or for the CPU that they use. */
  helpedMs(): number;
  /** Whether the thread sleeps now, that is, waits for something other than a CPU. False if this is unknown. */
  isAsleep(): boolean;
  close(): void;
}

/** Distinguishes a loop that waits for events from one that is held. */
export interface LoopWaits {
  /** The wait in which the watched thread sleeps, always the same text for the same wait; `undefined`: it does not sleep, or this is unknown. */
  sleepsIn(): string | undefined;
  /** Whether this wait is one for events, by a loop or by other code. */
  waitsForEvents(place: string): boolean;
  close(): void;
}

/** Asks the watched thread questions while it is busy. */
export interface Probe {
  /** Calls back with the stack. While native code has the thread, the answer is delayed. After `close()`, there is no answer. */
  ask(answered: (capture: Capture) => void): void;
  /** Calls back with the source map that a loader made for a file, as JSON; `""`: there is none. */
  askSourceMap(file: string, answered: (json: string) => void): void;
  close(): void;
}
