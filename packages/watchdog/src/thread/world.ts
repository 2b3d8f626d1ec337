// What stall-watch.ts needs of the world outside: a clock, timers, the watched thread's CPU time and its
// stack. Real in entry.ts; tests bring their own, so that decisions are checked against exact times.
import type { Capture } from "../protocol/messages.js";
import type { CpuTime } from "./cpu-time.js";

export interface World {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls once after so many milliseconds. @returns the way to prevent it */
  after(delayMs: number, fn: () => void): () => void;
  /** The watched thread ends: there is nothing to be watched any more, and nobody to be asked. */
  isExiting(): boolean;
  readonly cpu: CpuTimes;
  readonly loopWaits: LoopWaits;
  /** Stops the heart or starts it again, as soon as the loop turns. Once it is started, the loop's turn counts as a beat. */
  rest(resting: boolean): void;
  /** For one stall; `undefined` where nobody can be asked. */
  openProbe(): Probe | undefined;
}

/** Reads the CPU time of the watched thread. */
export interface CpuTimes {
  read(now: number): CpuTime;
  /** Milliseconds that V8's helper threads had of the CPUs: while they collect for the thread, it waits for them, or for a CPU that they have. */
  helpedMs(): number;
  /** Whether it sleeps in this moment, waiting for something else than a CPU; false where that is unknown. */
  isAsleep(): boolean;
  close(): void;
}

/** Tells a loop that waits for events from one that is held. */
export interface LoopWaits {
  /** What the watched thread sleeps in: always the same text for the same wait; `undefined`: it does not sleep, or nobody can tell. */
  sleepsIn(): string | undefined;
  /** Whether that is a wait for events, be it a loop's or another. */
  waitsForEvents(place: string): boolean;
  close(): void;
}

/** Asks the watched thread while it is busy. */
export interface Probe {
  /** Calls back with the stack; later, where native code has the thread; never, once closed. */
  ask(answered: (capture: Capture) => void): void;
  /** Calls back with the source map that a loader made of a file, as JSON; `""`: there is none. */
  askSourceMap(file: string, answered: (json: string) => void): void;
  close(): void;
}
