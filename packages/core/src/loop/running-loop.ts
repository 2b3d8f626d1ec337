// Finds the loop that code belongs to. A thread has a default loop, created at its first use, which runs
// whenever Node does. A loop that `run()` or `runForever()` runs is the loop of what it started, and of nothing else:
// requests of a server, or a second `run()`, stay on their own loops.
import { invalidArgument } from "@offloop/workers/executor";
import type { EventLoop } from "./host.js";
import { currentLoop, currentStrand } from "./strand.js";

/** Creates loops. A policy replaces the standard loop by another one. */
export interface EventLoopPolicy {
  /** Creates a loop that is not running. `newEventLoop()` calls it, and so does each `run()` and `Runner`. */
  newEventLoop(): EventLoop;
}

let makeDefault: (() => EventLoop) | undefined;
let makeNew: (() => EventLoop) | undefined;
let policy: EventLoopPolicy | undefined;
let defaultLoop: EventLoop | undefined;
let chosen: EventLoop | undefined;
let pumping: EventLoop | undefined;

/** For event-loop.ts: how loops are created. */
export function setLoopFactories(factories: { makeDefault(): EventLoop; makeNew(): EventLoop }): void {
  ({ makeDefault, makeNew } = factories);
}

/**
 * The loop that this code runs on: the loop whose task or callback started it, or the thread's default loop.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop
 */
export function getRunningLoop(): EventLoop {
  const loop = currentLoop() ?? pumping;
  // What a task leaves behind may go on when its loop is no longer run.
  if (loop !== undefined && !loop.isClosed() && (loop.isRunning() || currentStrand()?.task.done() === false)) return loop;
  if (defaultLoop === undefined || defaultLoop.isClosed()) defaultLoop = makeDefault!();
  return defaultLoop;
}

/** The thread's default loop, if it has been used. */
export function defaultLoopIfAny(): EventLoop | undefined {
  return defaultLoop;
}

/**
 * As `getRunningLoop`. If only the default loop runs, returns the loop that was passed to `setEventLoop`.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop
 */
export function getEventLoop(): EventLoop {
  const loop = getRunningLoop();
  return loop === defaultLoop && chosen !== undefined ? chosen : loop;
}

/** Sets the loop that `getEventLoop` returns if no loop is being run; `undefined`: the thread's default loop. */
export function setEventLoop(loop: EventLoop | undefined): void {
  if (loop !== undefined && typeof loop?.callSoon !== "function") throw invalidArgument("setEventLoop()", "an event loop, or undefined for the thread's own", loop);
  chosen = loop;
}

/** A loop that does nothing until it is run. Close it when it is no longer needed. */
export function newEventLoop(): EventLoop {
  return policy === undefined ? makeNew!() : policy.newEventLoop();
}

/** The policy from which `newEventLoop` and `run` take their loops: that of `setEventLoopPolicy`, or the standard policy. */
export function getEventLoopPolicy(): EventLoopPolicy {
  return policy ?? { newEventLoop: () => makeNew!() };
}

/** Sets the policy from which `newEventLoop` and `run` take their loops; `undefined`: the standard one. */
export function setEventLoopPolicy(next: EventLoopPolicy | undefined): void {
  if (next !== undefined && typeof next?.newEventLoop !== "function") throw invalidArgument("setEventLoopPolicy()", "an object with newEventLoop()", next);
  policy = next;
}

/** For code that is going to run a loop. @throws Error the loop that started this code is being run */
export function checkNoneRuns(what: string): void {
  if (currentStrand()?.task.done() === false) {
    throw new Error(`${what} was called inside a task, whose loop is running already. Await the function itself, or createTask(() => fn()).`);
  }
  const loop = currentLoop() ?? pumping;
  if (loop !== undefined && loop !== defaultLoop && loop.isRunning()) {
    throw new Error(`${what} was called in a callback of a loop that is being run. Make a task on that one: createTask(() => fn()).`);
  }
}

/** For loops: a job of `loop` begins, or has ended. */
export function setPumping(loop: EventLoop | undefined): void {
  pumping = loop;
}
