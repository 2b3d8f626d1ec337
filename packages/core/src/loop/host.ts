// LoopHost: the part of a loop that the floors below event-loop.ts use. The public class fits it, and no lower floor
// imports the public class.
//
//   event-loop.ts ─── fits ───────▶ LoopHost ◀── loop/, future/, task/, sync/, offload/
//        └───── names itself ─────▶ LoopRegistry ─▶ EventLoop, the type in public signatures
import type { CallArguments } from "@offloop/workers/executor";
import type { Callback, Job } from "./job.js";

/** A loop, as futures, tasks and primitives use it. */
export interface LoopHost {
  /** Debug mode: stacks are kept. */
  readonly debug: boolean;
  /** Milliseconds on the loop's clock. */
  time(): number;
  /** Runs `job` after the jobs that were scheduled before. @throws LoopClosedError @internal */
  schedule(job: Job): void;
  callSoon<A extends any[], This = void>(callback: Callback<A, This>, ...args: CallArguments<A>): Cancellable;
  callLater<A extends any[], This = void>(delayMs: number, callback: Callback<A, This>, ...args: CallArguments<A>): Cancellable;
  callAt<A extends any[], This = void>(when: number, callback: Callback<A, This>, ...args: CallArguments<A>): Cancellable;
  isClosed(): boolean;
  /** Reports an error that nothing awaits. */
  callExceptionHandler(report: ErrorReport): void;
}

/** A scheduled callback. */
interface Cancellable {
  cancel(): void;
}

/** An error that nothing awaits. */
interface ErrorReport {
  readonly message: string;
  readonly error: unknown;
}

/** event-loop.ts adds the member `loop` by declaration merging, which needs no import here. */
export interface LoopRegistry {}

/** The public class `EventLoop`, for the signatures that users see. */
export type EventLoop = LoopRegistry["loop"];
