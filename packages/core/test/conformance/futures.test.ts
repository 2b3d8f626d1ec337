// Futures: states, results, callbacks, and the report of errors that were never retrieved.
import { CancelledError, ensureFuture, EventLoop, Future, gather, getRunningLoop, InvalidStateError, run, sleep, VirtualTimeLoop, wrapFuture } from "@offloop/core";
import { InlineExecutor } from "@offloop/workers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { inLoop, rejection, restates, thrown } from "./restates.js";

/** Kept out of the types: for reports. */
const madeAt = (future: object): unknown => (future as { madeAt?: unknown }).madeAt;

const its = restates("test_asyncio/test_futures", "BaseFutureTests");
const ducks = restates("test_asyncio/test_futures", "DuckTests");
const callbacks = restates("test_asyncio/test_futures", "BaseFutureDoneCallbackTests");
const its2 = restates("test_asyncio/test_futures2", "FutureTests");

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

its("isfuture", "a future is recognised by its class, and is a promise", inLoop(() => {
  const future = new Future();
  expect(future).toBeInstanceOf(Future);
  expect(future).toBeInstanceOf(Promise);
  expect(Promise.resolve()).not.toBeInstanceOf(Future);
  future.cancel();
}));

its("initial_state", "starts pending, and can be cancelled", inLoop(() => {
  const future = new Future();
  expect([future.done(), future.cancelled()]).toEqual([false, false]);
  future.cancel();
  expect([future.done(), future.cancelled()]).toEqual([true, true]);
}));

its("constructor_without_loop constructor_use_running_loop constructor_use_global_loop", "belongs to the given loop, or to the running one", async () => {
  const other = new EventLoop();
  expect(new Future({ loop: other }).getLoop()).toBe(other);
  other.close();
  await inLoop(() => expect(new Future().getLoop()).toBe(getRunningLoop()))();
  expect(new Future().getLoop()).toBe(getRunningLoop());
});

its("constructor_positional", "refuses options that are no object", () => {
  expect(() => new Future((() => {}) as never)).toThrow(/setResult/);
});

its("future_cancel_message_getter future_cancel_message_setter", "keeps the message of its cancellation", inLoop(async () => {
  const future = new Future();
  future.cancel("my message");
  expect(await rejection(future)).toMatchObject({ name: "CancelledError", message: "my message", cause: "my message" });
}));

its("cancel", "can be cancelled once; then result() and exception() throw CancelledError, and it cannot be settled", inLoop(() => {
  const future = new Future<number>();
  expect(future.cancel()).toBe(true);
  expect([future.cancelled(), future.done()]).toEqual([true, true]);
  expect(() => future.result()).toThrow(CancelledError);
  expect(() => future.exception()).toThrow(CancelledError);
  expect(() => future.setResult(1)).toThrow(InvalidStateError);
  expect(() => future.setException(new Error("no"))).toThrow(InvalidStateError);
  expect(future.cancel()).toBe(false);
}));

its("result", "gives its result when it has one, and refuses a second one", inLoop(() => {
  const future = new Future<number>();
  expect(() => future.result()).toThrow(InvalidStateError);
  future.setResult(42);
  expect([future.done(), future.cancelled(), future.result(), future.exception()]).toEqual([true, false, 42, undefined]);
  expect(() => future.setResult(1)).toThrow(InvalidStateError);
  expect(() => future.setException(new RangeError())).toThrow(InvalidStateError);
  expect(future.cancel()).toBe(false);
}));

its("exception", "throws its error when it has one, and refuses a second one", inLoop(() => {
  const error = new RangeError("no");
  const future = new Future();
  expect(() => future.exception()).toThrow(InvalidStateError);
  future.setException(error);
  expect(future.exception()).toBe(error);
  expect(thrown(() => future.result())).toBe(error);
  expect(() => future.setResult(1)).toThrow(InvalidStateError);
  expect(() => future.setException(error)).toThrow(InvalidStateError);
  expect(future.cancel()).toBe(false);
}));

its("yield_from_twice", "can be awaited twice, the second time at once", inLoop(async () => {
  const future = new Future<string>();
  getRunningLoop().callSoon(() => future.setResult("outcome"));
  expect([await future, await future]).toEqual(["outcome", "outcome"]);
}));

its("copy_state set_result_unless_cancelled", "a future of then() takes over the result, the error or the cancellation", inLoop(async () => {
  for (const settle of [(future: Future<number>) => future.setResult(10), (future: Future<number>) => future.setException(new RangeError("no")), (future: Future<number>) => future.cancel()]) {
    const source = new Future<number>();
    const follower = source.then((value) => value) as Future<number>;
    settle(source);
    const seen = await Promise.allSettled([follower, source]);
    expect(seen[0]).toEqual(seen[1]);
    expect(follower.cancelled()).toBe(source.cancelled());
  }
}));

its("iter future_iter_throw", "an await gives the result, and throws the error, of the future itself", inLoop(async () => {
  const error = new TypeError("thrown in");
  const future = new Future<never>();
  getRunningLoop().callSoon(() => future.setException(error));
  expect(await rejection(future)).toBe(error);
}));

const reported = async (leave: () => unknown): Promise<string[]> => {
  const messages: string[] = [];
  const loop = new VirtualTimeLoop();
  loop.setExceptionHandler(({ message }) => messages.push(message));
  await run(async () => void (await leave()), { loopFactory: () => loop });
  return messages;
};

its("tb_logger_abandoned tb_logger_not_called_after_cancel tb_logger_result_unretrieved tb_logger_result_retrieved", "a future without an error is not reported", async () => {
  expect(await reported(() => void new Future())).toEqual([]);
  expect(await reported(() => void new Future().cancel())).toEqual([]);
  expect(await reported(() => new Future<number>().setResult(1))).toEqual([]);
});

its("log_traceback tb_logger_exception_unretrieved future_exception_never_retrieved future_exception_never_retrieved_debug", "an error that no code retrieved is reported to the loop's exception handler", async () => {
  expect(await reported(() => new Future().setException(new Error("lost")))).toEqual([expect.stringMatching(/never retrieved/)]);
});

its("future_del_collect", "an error that no code retrieved is reported when the future is collected", async () => {
  const told = new Promise<string>((resolve) => getRunningLoop().setExceptionHandler(({ error }) => resolve((error as Error).message)));
  const collecting = setInterval(collectGarbage, 5);
  try {
    (() => new Future().setException(new Error("collected")))();
    new Future().cancel(); // the engine keeps the last promise at hand
    expect(await told).toBe("collected");
  } finally {
    clearInterval(collecting);
    getRunningLoop().setExceptionHandler(undefined);
  }
});

its("tb_logger_exception_retrieved tb_logger_exception_result_retrieved", "an error retrieved by exception(), result() or an await is not reported", async () => {
  const failed = (): Future<never> => {
    const future = new Future<never>();
    future.setException(new Error("seen"));
    return future;
  };
  expect(await reported(() => void failed().exception())).toEqual([]);
  expect(await reported(() => void thrown(() => failed().result()))).toEqual([]);
  expect(await reported(() => rejection(failed()))).toEqual([]);
});

its("wrap_future wrap_future_without_loop wrap_future_use_running_loop wrap_future_use_global_loop", "wraps an executor's call as a future of the running loop", async () => {
  const executor = new InlineExecutor();
  await run(async () => {
    const wrapped = wrapFuture(executor.submit((text: string) => text.toUpperCase(), "oi"));
    expect(wrapped.getLoop()).toBe(getRunningLoop());
    expect(await wrapped).toBe("OI");
  });
  await executor.shutdown();
});

its("wrap_future_future", "wrapFuture returns a future of the loop unchanged", inLoop(() => {
  const future = new Future<void>();
  expect(ensureFuture(future)).toBe(future);
  future.cancel();
}));

ducks("ensure_future wrap_future", "a subclass of Future is a future", inLoop(() => {
  class Mine extends Future<number> {}
  const mine = new Mine();
  expect(ensureFuture(mine)).toBe(mine);
  mine.cancel();
}));

its2("future_traceback", "repeated awaits do not change an error", inLoop(async () => {
  const error = new Error("same");
  const { stack } = error;
  const future = new Future();
  future.setException(error);
  for (let time = 0; time < 3; time += 1) expect(await rejection(future)).toBe(error);
  expect(error.stack).toBe(stack);
}));

type Call = [name: string, outcome: unknown];
const recorder = (): [Call[], (name: string) => (future: Future<unknown>) => void] => {
  const calls: Call[] = [];
  return [calls, (name) => (future) => void calls.push([name, future.cancelled() ? "cancelled" : future.rejected() ? future.exception() : future.result()])];
};

callbacks("callbacks_invoked_on_set_result", "done callbacks are called in order, by the loop, after setResult", inLoop(async () => {
  const [calls, record] = recorder();
  const future = new Future<string>();
  future.addDoneCallback(record("a"));
  future.addDoneCallback(record("b"));
  future.setResult("foo");
  expect(calls).toEqual([]);
  await sleep(0);
  expect(calls).toEqual([["a", "foo"], ["b", "foo"]]);
  future.addDoneCallback(record("late"));
  await sleep(0);
  expect(calls).toHaveLength(3);
}));

callbacks("callbacks_invoked_on_set_exception", "done callbacks are called after setException, and can read the error", inLoop(async () => {
  const [calls, record] = recorder();
  const future = new Future();
  const error = new Error("foo");
  future.addDoneCallback(record("a"));
  future.setException(error);
  expect(calls).toEqual([]);
  await sleep(0);
  expect(calls).toEqual([["a", error]]);
}));

const threeWithout = (removed: number[]) =>
  inLoop(async () => {
    const [calls, record] = recorder();
    const all = ["a", "b", "c"].map(record);
    const future = new Future<string>();
    for (const each of all) future.addDoneCallback(each);
    for (const index of removed) expect(future.removeDoneCallback(all[index]!)).toBe(1);
    future.setResult("foo");
    await sleep(0);
    expect(calls.map(([name]) => name)).toEqual(["a", "b", "c"].filter((_, index) => !removed.includes(index)));
  });
callbacks("callbacks_remove_first_callback", "leaves out the first of three callbacks", threeWithout([0]));
callbacks("callbacks_remove_first_and_second_callback", "leaves out the first and the second of three callbacks", threeWithout([0, 1]));
callbacks("callbacks_remove_third_callback", "leaves out the last of three callbacks", threeWithout([2]));

callbacks("remove_done_callback", "removes every registration of a callback, and says how many there were", inLoop(async () => {
  const [calls, record] = recorder();
  const [a, b, c] = [record("a"), record("b"), record("c")];
  const future = new Future<number>();
  for (const each of [a, a, b, c]) future.addDoneCallback(each);
  expect([future.removeDoneCallback(a), future.removeDoneCallback(c), future.removeDoneCallback(c), future.removeDoneCallback(record("never"))]).toEqual([2, 1, 0, 0]);
  future.setResult(1);
  await sleep(0);
  expect(calls).toEqual([["b", 1]]);
}));

callbacks("remove_done_callbacks_list_mutation remove_done_callbacks_list_clear schedule_callbacks_list_mutation_1 schedule_callbacks_list_mutation_2", "callbacks can add and remove other callbacks while they are called", inLoop(async () => {
  const [calls, record] = recorder();
  const future = new Future<number>();
  const removed = record("removed");
  future.addDoneCallback(() => {
    future.removeDoneCallback(removed);
    future.addDoneCallback(record("added"));
  });
  future.addDoneCallback(record("kept"));
  future.setResult(1);
  await sleep(0);
  await sleep(0);
  expect(calls).toEqual([["kept", 1], ["added", 1]]);
}));

its("exception_class", "an error of any class is kept as it is", inLoop(async () => {
  class Mine extends Error {}
  const error = new Mine("own");
  const future = new Future();
  future.setException(error);
  expect(await rejection(gather([future]))).toBe(error);
}));

its("future_source_traceback", "in debug mode a future records where it was created", inLoop(() => {
  const loop = getRunningLoop();
  expect(madeAt(new Future())).toBeUndefined();
  loop.debug = true;
  for (const future of [new Future(), loop.createFuture()]) expect(madeAt(future)).toMatch(/futures\.test\.ts/);
}));
