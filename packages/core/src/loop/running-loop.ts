// Which loop code belongs to. A thread has a default loop, made with its first use, that runs whenever
// Node does; a loop that is run by `run()` or `runForever()` takes its place until it ends.
import type { EventLoop } from "./host.js";
import { currentStrand } from "./strand.js";

/** Makes loops; another one lets a different loop stand in for the standard one. */
export interface EventLoopPolicy {
  newEventLoop(): EventLoop;
}

let makeDefault: (() => EventLoop) | undefined;
let makeNew: (() => EventLoop) | undefined;
let policy: EventLoopPolicy | undefined;
let defaultLoop: EventLoop | undefined;
let chosen: EventLoop | undefined;
let running: EventLoop | undefined;
let pumping: EventLoop | undefined;

/** For event-loop.ts: how loops are made. */
export function setLoopFactories(factories: { makeDefault(): EventLoop; makeNew(): EventLoop }): void {
  ({ makeDefault, makeNew } = factories);
}

/**
 * The loop that this code runs on: its task's, or the one whose callback this is, or the one that is
 * being run, or the thread's default loop, which always runs.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop
 */
export function getRunningLoop(): EventLoop {
  const loop = currentStrand()?.task.loop ?? pumping ?? running;
  if (loop !== undefined && !loop.isClosed()) return loop;
  if (running !== undefined) return running;
  if (defaultLoop === undefined || defaultLoop.isClosed()) defaultLoop = makeDefault!();
  return defaultLoop;
}

/**
 * As `getRunningLoop`; where none but the default loop runs, the one that `setEventLoop` was given.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop
 */
export function getEventLoop(): EventLoop {
  const loop = getRunningLoop();
  return loop === defaultLoop && chosen !== undefined ? chosen : loop;
}

/** Has `getEventLoop` give this loop where no loop is being run; `undefined`: the thread's default loop. */
export function setEventLoop(loop: EventLoop | undefined): void {
  if (loop !== undefined && typeof loop?.callSoon !== "function") throw new TypeError("setEventLoop takes an event loop, or undefined for the thread's own");
  chosen = loop;
}

/** A loop that does nothing until it is run. Close it when it is no longer needed. */
export function newEventLoop(): EventLoop {
  return policy === undefined ? makeNew!() : policy.newEventLoop();
}

export function getEventLoopPolicy(): EventLoopPolicy {
  return policy ?? { newEventLoop: () => makeNew!() };
}

/** Has `newEventLoop` and `run` take their loops from `next`; `undefined`: the standard ones. */
export function setEventLoopPolicy(next: EventLoopPolicy | undefined): void {
  if (next !== undefined && typeof next?.newEventLoop !== "function") throw new TypeError("setEventLoopPolicy takes an object with newEventLoop()");
  policy = next;
}

/** For loops: `loop` is being run, from now on. @throws Error another one is */
export function enterLoop(loop: EventLoop, what: string): void {
  checkNoneRuns(what);
  running = loop;
}

/** For who is going to run one. @throws Error a loop of this thread is being run */
export function checkNoneRuns(what: string): void {
  if (currentStrand()?.task.done() === false) {
    throw new Error(`${what} was called inside a task, whose loop is running already. Await the function itself, or createTask(() => fn()).`);
  }
  if (running !== undefined) {
    throw new Error(`${what} was called while a loop of this thread is being run. Make a task on that one: createTask(() => fn()).`);
  }
}

export function leaveLoop(loop: EventLoop): void {
  if (running === loop) running = undefined;
}

/** For loops: a turn of `loop` begins, or is over. */
export function setPumping(loop: EventLoop | undefined): void {
  pumping = loop;
}
