// Checks docs/conventions.md: errors for mistakes, and disposal. test/public-types.test.ts checks the names.
import {
  asCompleted, Barrier, CancelScope, CapacityLimiter, Condition, ContextVar, createTask, detached, ensureFuture, EventLoop, failAfter, firstCompleted, Future, gather, getEventLoop,
  InvalidArgumentError, InvalidOptionError, moveOnAfter, Queue, race, run, Runner, runInExecutor, Semaphore, setDefaultExecutor, setEventLoop, setEventLoopPolicy, shield, sleep,
  taskGroup, timeout, timeoutAt, toThread, wait, waitFor, wrapFuture,
} from "@offloop/core";
import { closeActor, InlineExecutor, move, ProcessPoolExecutor, propagate, proxy, spawnActor, task, ThreadPoolExecutor, transfer, withSignal, workerModule } from "@offloop/workers";
import { expect, it } from "vitest";

const loop = getEventLoop();
const noop = (): void => {};
const any = (value: unknown): any => value;

/** Calls that return a future or a promise. */
const rejecting: Readonly<Record<string, () => PromiseLike<unknown>>> = {
  "wait(5)": () => wait(any(5)),
  "wait([])": () => wait([]),
  "waitFor(…, 'x')": () => waitFor(Promise.resolve(), any("x")),
  "gather(5)": () => gather(any(5)),
  "race(5)": () => race(any(5)),
  "race([])": () => race([]),
  "firstCompleted('ab')": () => firstCompleted(any("ab")),
  "timeout('x')": () => timeout(any("x"), noop),
  "timeout without a body": () => timeout(5, any(undefined)),
  "timeoutAt(NaN)": () => timeoutAt(NaN, noop),
  "moveOnAfter('x')": () => moveOnAfter(any("x"), noop),
  "moveOnAfter without a body": () => moveOnAfter(5, any(undefined)),
  "failAfter('x')": () => failAfter(any("x"), noop),
  "failAfter without a body": () => failAfter(5, any(5)),
  "CancelScope.run(5)": () => new CancelScope().run(any(5)),
  "taskGroup(5)": () => taskGroup(any(5)),
  "createTask(5)": () => createTask(any(5)),
  "loop.createTask(5)": () => loop.createTask(any(5)),
  "sleep('x')": () => sleep(any("x")),
  "sleep(null)": () => sleep(any(null)),
  "sleep(a symbol)": () => sleep(any(Symbol("5"))),
  "sleep(5, 'result')": () => sleep(5, any("result")),
  "sleep(5, signal)": () => sleep(5, any(new AbortController().signal)),
  "run(5)": () => run(any(5)),
  "run(main())": () => run(any(Promise.resolve())),
  "Runner.run(5)": () => new Runner().run(any(5)),
  "runInExecutor(fn)": () => runInExecutor(any(noop), any(1)),
  "runInExecutor(undefined, fn)": () => runInExecutor(any(undefined), noop),
  "loop.runInExecutor(5)": () => loop.runInExecutor(any(5), noop),
  "wrapFuture(5)": () => wrapFuture(any(5)),
  "wrapFuture({})": () => wrapFuture(any({})),
  "Condition.waitFor(true)": () => new Condition().waitFor(any(true)),
  "Semaphore.hold(5)": () => new Semaphore(1).hold(any(5)),
  "CapacityLimiter.acquireOnBehalfOf(undefined)": () => new CapacityLimiter(1).acquireOnBehalfOf(undefined),
  "submit(an object without prototype)": () => new InlineExecutor().submit(any(Object.create(null))),
  "ThreadPoolExecutor.submit(5)": () => new ThreadPoolExecutor().submit(any(5)),
  "ProcessPoolExecutor.broadcast('render')": () => new ProcessPoolExecutor().broadcast(any("render")),
  "InlineExecutor.stream(5)": () => new InlineExecutor().stream(any(5)).next(),
  "toThread(promise)": () => toThread(any(Promise.resolve())),
  "spawnActor(5)": () => spawnActor(any(5)),
  "spawnActor('./relative.js')": () => spawnActor("./relative.js"),
  "closeActor({})": () => closeActor(any({})),
  "InlineExecutor.warmUp(0)": () => new InlineExecutor().warmUp(0),
  "ThreadPoolExecutor.warmUp('x')": () => new ThreadPoolExecutor().warmUp(any("x")),
  "ProcessPoolExecutor.warmUp(1.5)": () => new ProcessPoolExecutor().warmUp(1.5),
};

/** Calls that return anything else. */
const throwing: Readonly<Record<string, () => unknown>> = {
  "asCompleted(5)": () => asCompleted(any(5)),
  "detached(5)": () => detached(any(5)),
  "loop.detached(undefined)": () => loop.detached(any(undefined)),
  "ContextVar.reset(undefined)": () => new ContextVar("reset").reset(any(undefined)),
  "ContextVar.reset(another's token)": () => new ContextVar("reset").reset(any(new ContextVar("other").set(1))),
  "loop.callSoon(5)": () => loop.callSoon(any(5)),
  "loop.callLater('x')": () => loop.callLater(any("x"), noop),
  "loop.callLater(5, promise)": () => loop.callLater(5, any(Promise.resolve())),
  "loop.callAt(NaN)": () => loop.callAt(NaN, noop),
  "loop.setExceptionHandler(5)": () => loop.setExceptionHandler(any(5)),
  "loop.addSignalHandler('SIGNOTHING')": () => loop.addSignalHandler(any("SIGNOTHING"), noop),
  "loop.debug = 5": () => (new EventLoop().debug = any(5)),
  "loop.awaitBudget = 0": () => (new EventLoop().awaitBudget = 0),
  "setDefaultExecutor(5)": () => setDefaultExecutor(any(5)),
  "setEventLoop(5)": () => setEventLoop(any(5)),
  "setEventLoopPolicy({})": () => setEventLoopPolicy(any({})),
  "new Future(executor)": () => new Future(any(noop)),
  "future.addDoneCallback(5)": () => new Future().addDoneCallback(any(5)),
  "new Queue('x')": () => new Queue(any("x")),
  "new Semaphore(-1)": () => new Semaphore(-1),
  "new Semaphore('5')": () => new Semaphore(any("5")),
  "new CapacityLimiter(1.5)": () => new CapacityLimiter(1.5),
  "new Barrier(0)": () => new Barrier(0),
  "new Condition({})": () => new Condition(any({})),
  "new ContextVar('')": () => new ContextVar(""),
  "scope.shield = 5": () => (new CancelScope().shield = any(5)),
  "toThread.with()": () => toThread.with(any(undefined)),
  "executor.map(fn, 5)": () => new InlineExecutor().map(noop, any(5)),
  "executor.map(fn, [1], [2]), as in Python": () => new InlineExecutor().map(noop, [1], any([2])),
  "pool.map(fn, [1], new Set())": () => new ThreadPoolExecutor().map(noop, [1], any(new Set())),
  "task(5)": () => task(any(5), { module: import.meta.url }),
  "workerModule('./relative.js')": () => workerModule("./relative.js"),
  "propagate({})": () => propagate(any({}), { name: "x" }),
  "transfer(5)": () => transfer(any(5)),
  "transfer(bytes, buffer)": () => transfer(new Uint8Array(1), any(new ArrayBuffer(1))),
  "move('x')": () => move(any("x")),
  "proxy(5)": () => proxy(any(5)),
  "withSignal({})": () => withSignal(any({}), new AbortController().signal),
};

/** One of the two errors of a mistake, with a message that is a sentence. */
function expectMistake(error: unknown): void {
  expect(error instanceof InvalidOptionError || error instanceof InvalidArgumentError, String(error)).toBe(true);
  expect((error as Error).message).toMatch(/takes|given nothing to wait for|takes no executor function/);
}

it.each(Object.entries(rejecting))("%s rejects", async (_call, make) => {
  let returned: PromiseLike<unknown> | undefined;
  expect(() => (returned = make())).not.toThrow();
  expectMistake(await returned!.then(
    () => undefined,
    (error: unknown) => error,
  ));
});

it.each(Object.entries(throwing))("%s throws", (_call, make) => {
  let thrown: unknown;
  try {
    make();
  } catch (error) {
    thrown = error;
  }
  expectMistake(thrown);
});

it("ensureFuture and shield accept any value, as await does", async () => {
  expect([await ensureFuture(5), await shield(5)]).toEqual([5, 5]);
});

it("`using` ends loops, executors and runners", () => {
  for (const Class of [ThreadPoolExecutor, ProcessPoolExecutor, InlineExecutor, Runner]) expect(typeof Class.prototype[Symbol.asyncDispose]).toBe("function");
  const closed = new EventLoop();
  {
    using _loop = closed;
  }
  expect(closed.isClosed()).toBe(true);
});

it("futures of both kinds have the same states", async () => {
  const pending = new Future<number>();
  const call = new InlineExecutor().submit(() => 1);
  expect([pending.state, call.state]).toEqual(["pending", "pending"]);
  pending.setResult(1);
  await call;
  expect([pending.state, call.state]).toEqual(["fulfilled", "fulfilled"]);
  const cancelled = new Future();
  cancelled.cancel();
  const failed = new Future();
  failed.setException(new Error("no"));
  failed.exception();
  expect([cancelled.state, failed.state]).toEqual(["cancelled", "rejected"]);
});
