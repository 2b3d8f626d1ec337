// gather, wait, asCompleted and shield.
import { asCompleted, CancelledError, createTask, EventLoop, Future, gather, getRunningLoop, run, shield, sleep, type Task, TimeoutError, VirtualTimeLoop, wait } from "@offloop/core";
import { execFileSync } from "node:child_process";
import { expect } from "vitest";
import { inLoop, rejection, restates } from "./restates.js";

const its = restates("test_asyncio/test_tasks", "BaseTaskTests");
const base = restates("test_asyncio/test_tasks", "GatherTestsBase");
const futures = restates("test_asyncio/test_tasks", "FutureGatherTests");
const coroutines = restates("test_asyncio/test_tasks", "CoroutineGatherTests");
const tick = () => sleep(0);
const now = () => getRunningLoop().time();
const three = () => [new Future<number>(), new Future<number>(), new Future<number>()] as const;
const names = (group: Iterable<Task<unknown>>): string[] => [...group].map((each) => each.getName());

base("success", "gather gives the results in the order of its arguments", inLoop(async () => {
  const [a, b, c] = three();
  const all = gather([a, b, c]);
  b.setResult(1);
  a.setResult(2);
  await tick();
  expect(all.done()).toBe(false);
  c.setResult(3);
  expect(await all).toEqual([2, 1, 3]);
}));

base("result_exception_success", "with returnExceptions the results include the errors", inLoop(async () => {
  const [a, b, c] = three();
  const error = new RangeError("no");
  const all = gather([a, b, c], { returnExceptions: true });
  a.setResult(1);
  c.setException(error);
  b.setResult(2);
  expect(await all).toEqual([1, 2, error]);
}));

base("one_exception", "the first error rejects gather; the other awaitables continue, and their errors count as retrieved", async () => {
  const messages: string[] = [];
  const loop = new VirtualTimeLoop();
  loop.setExceptionHandler(({ message }) => messages.push(message));
  await run(async () => {
    const [a, b, c] = three();
    const error = new RangeError("first");
    const all = gather([a, b, c]);
    b.setException(error);
    expect(await rejection(all)).toBe(error);
    a.setResult(1);
    c.setException(new Error("too late"));
    await tick();
    expect([a.result(), c.done()]).toEqual([1, true]);
  }, { loopFactory: () => loop });
  expect(messages).toEqual([]);
});

base("return_exceptions", "with returnExceptions every error is a result", inLoop(async () => {
  const [a, b, c] = three();
  const errors = [new RangeError("a"), new TypeError("b")];
  const all = gather([a, b, c], { returnExceptions: true });
  b.setException(errors[1]);
  a.setException(errors[0]);
  c.setResult(3);
  expect(await all).toEqual([...errors, 3]);
}));

futures("constructor_empty_sequence_without_loop constructor_empty_sequence_use_running_loop constructor_empty_sequence_use_global_loop", "gather of an empty list is done, on the running loop", inLoop(async () => {
  const nothing = gather([]);
  expect([nothing.done(), nothing.getLoop() === getRunningLoop(), await nothing]).toEqual([true, true, []]);
}));

futures("constructor_homogenous_futures", "gather belongs to the loop of its futures", async () => {
  const other = new VirtualTimeLoop();
  const [a, b] = [new Future({ loop: other }), new Future({ loop: other })];
  const all = gather([a, b]);
  expect(all.getLoop()).toBe(other);
  a.setResult(1);
  b.setResult(2);
  expect(await other.runUntilComplete(all)).toEqual([1, 2]);
  other.close();
});

futures("one_cancellation", "a cancelled child rejects gather with its cancellation; gather itself is not cancelled", inLoop(async () => {
  const [a, b, c] = three();
  const all = gather([a, b, c]);
  a.setResult(1);
  b.cancel();
  expect(await rejection(all)).toBeInstanceOf(CancelledError);
  expect([all.cancelled(), c.done()]).toEqual([false, false]);
  c.cancel();
}));

futures("result_exception_one_cancellation", "with returnExceptions a cancelled child is a result too", inLoop(async () => {
  const [a, b, c] = three();
  const all = gather([a, b, c], { returnExceptions: true });
  a.setResult(1);
  b.cancel();
  c.setException(new RangeError("c"));
  expect(await all).toEqual([1, expect.any(CancelledError), expect.any(RangeError)]);
}));

coroutines("constructor_without_loop constructor_use_running_loop constructor_use_global_loop", "gather starts functions as tasks of the running loop", inLoop(async () => {
  const all = gather([async () => "abc", async () => "def"]);
  expect([all.getLoop() === getRunningLoop(), await all]).toEqual([true, ["abc", "def"]]);
}));

coroutines("duplicate_coroutines", "a function that gather gets twice runs once", inLoop(async () => {
  let runs = 0;
  const work = async (): Promise<string> => `run ${++runs}`;
  const other = async (): Promise<string> => "other";
  expect(await gather([work, work, other, work])).toEqual(["run 1", "run 1", "other", "run 1"]);
}));

coroutines("cancellation_broadcast", "cancelling gather cancels its children, and it ends with them", inLoop(async () => {
  const proofs: number[] = [];
  const child = createTask(async () => {
    try {
      await sleep(10_000);
    } finally {
      proofs.push(1);
    }
  });
  const all = gather([child]);
  await tick();
  expect([all.cancel(), all.done()]).toEqual([true, false]);
  expect(await rejection(all)).toBeInstanceOf(CancelledError);
  expect([proofs, child.cancelled()]).toEqual([[1], true]);
}));

coroutines("exception_marking", "every error of gather counts as retrieved", async () => {
  const messages: string[] = [];
  const loop = new VirtualTimeLoop();
  loop.setExceptionHandler(({ message }) => messages.push(message));
  const fails = async (): Promise<never> => {
    await tick();
    throw new RangeError("no");
  };
  await run(() => gather([fails, async () => await fails(), async () => await fails()]).catch(() => {}), { loopFactory: () => loop });
  expect(messages).toEqual([]);
});

coroutines("issue46672", "with returnExceptions a function that fails at once is a result", inLoop(async () => {
  const error = new Error("at once");
  expect(await gather([() => Promise.reject(error), async () => 2], { returnExceptions: true })).toEqual([error, 2]);
}));

// — wait —

its("wait", "wait returns all when all are done", inLoop(async () => {
  const tasks = [createTask(() => sleep(100)), createTask(() => sleep(150))];
  const { done, pending } = await wait(tasks);
  expect([[...done], pending.size, now()]).toEqual([tasks, 0, 150]);
}));

its("wait_duplicate_coroutines", "a future given twice counts once", inLoop(async () => {
  const task = createTask(() => sleep(1, { result: "x" }));
  const { done } = await wait([task, task, task]);
  expect([...done]).toEqual([task]);
}));

its("wait_errors wait_invalid_args", "wait refuses an empty list, and an unknown condition", inLoop(async () => {
  await expect(wait([])).rejects.toThrow(/nothing to wait for/);
  await expect(wait([sleep(1)], { returnWhen: "SOON" as never })).rejects.toThrow(/FIRST_COMPLETED/);
  await expect(wait(5 as never)).rejects.toThrow(TypeError);
}));

its("wait_first_completed", "FIRST_COMPLETED returns with the first", inLoop(async () => {
  const [a, b] = [createTask(() => sleep(10_000), { name: "a" }), createTask(() => sleep(100), { name: "b" })];
  const { done, pending } = await wait([b, a], { returnWhen: "FIRST_COMPLETED" });
  expect([names(done as Set<Task<unknown>>), names(pending as Set<Task<unknown>>), a.done(), now()]).toEqual([["b"], ["a"], false, 100]);
}));

its("wait_really_done wait_concurrent_complete", "`done` has every future that is done when wait returns", inLoop(async () => {
  const [a, b] = [createTask(tick), createTask(async () => { await tick(); await tick(); })];
  const { done, pending } = await wait([a, b], { returnWhen: "FIRST_COMPLETED" });
  expect([done.has(a), done.size + pending.size, [...done].every((each) => each.done())]).toEqual([true, 2, true]);
  const atOnce = await wait([sleep(1), sleep(1)], { timeoutMs: 1 });
  expect(atOnce.done.size).toBe(2);
}));

its("wait_first_exception wait_first_exception_in_wait", "FIRST_EXCEPTION returns with the first error", inLoop(async () => {
  const slow = createTask(() => sleep(10_000));
  const fails = createTask(async () => {
    await sleep(10);
    throw new RangeError("no");
  });
  const { done, pending } = await wait([slow, fails], { returnWhen: "FIRST_EXCEPTION" });
  expect([[...done], [...pending], now()]).toEqual([[fails], [slow], 10]);
  expect(fails.exception()).toBeInstanceOf(RangeError);
}));

its("wait_with_exception", "ALL_COMPLETED throws no error, and `done` includes the failed ones", inLoop(async () => {
  const fails = createTask(async () => {
    throw new RangeError("no");
  });
  const { done, pending } = await wait([createTask(() => sleep(100)), fails]);
  expect([done.size, pending.size, [...done].filter((each) => each.rejected())]).toEqual([2, 0, [fails]]);
}));

its("wait_with_timeout", "after its timeout wait returns the pending futures, and cancels none", inLoop(async () => {
  const [a, b] = [createTask(() => sleep(100)), createTask(() => sleep(150))];
  const { done, pending } = await wait([a, b], { timeoutMs: 110 });
  expect([[...done], [...pending], b.done(), now()]).toEqual([[a], [b], false, 110]);
}));

its("wait_with_iterator_of_tasks wait_generator", "takes any iterable", inLoop(async () => {
  function* two(): Generator<Task<number>> {
    yield createTask(() => 1);
    yield createTask(() => 2);
  }
  const { done } = await wait(two());
  expect([...done].map((each) => each.result())).toEqual([1, 2]);
}));

its("yield_wait_does_not_shield_cancel", "cancelling a task in wait does not cancel the futures", inLoop(async () => {
  const inner = createTask(() => sleep(100, { result: "done" }));
  const waiting = createTask(() => wait([inner]));
  await tick();
  await tick();
  waiting.cancel();
  expect(await rejection(waiting)).toBeInstanceOf(CancelledError);
  expect([inner.done(), await inner]).toEqual([false, "done"]);
}));

// — asCompleted —

its("as_completed as_completed_concurrent as_completed_reverse_wait", "asCompleted gives futures in the order in which they are done", inLoop(async () => {
  const order: [string | undefined, number][] = [];
  for await (const each of asCompleted([() => sleep(10, { result: "b" }), () => sleep(5, { result: "a" }), () => sleep(15, { result: "c" })])) order.push([each.result(), now()]);
  expect(order).toEqual([["a", 5], ["b", 10], ["c", 15]]);
}));

its("as_completed_same_tasks_in_as_out", "it gives the same task objects that it got", inLoop(async () => {
  const tasks = [createTask(() => sleep(2)), createTask(() => sleep(1))];
  const seen: unknown[] = [];
  for await (const each of asCompleted(tasks)) seen.push(each);
  expect(seen).toEqual([tasks[1], tasks[0]]);
}));

its("as_completed_with_timeout", "it throws TimeoutError for late ones", inLoop(async () => {
  const seen: unknown[] = [];
  const error = await rejection((async () => {
    for await (const each of asCompleted([() => sleep(100, { result: "a" }), () => sleep(150, { result: "b" })], { timeoutMs: 120 })) seen.push(each.result());
  })());
  expect([seen, error.name, now()]).toEqual([["a"], "TimeoutError", 120]);
  expect(error).toBeInstanceOf(TimeoutError);
}));

its("as_completed_with_unused_timeout", "a timeout that does not pass has no effect", inLoop(async () => {
  for await (const each of asCompleted([() => sleep(10, { result: "a" })], { timeoutMs: 1000 })) expect(each.result()).toBe("a");
  expect(now()).toBe(10);
}));

its("as_completed_resume_iterator", "its iteration can be left and continued", inLoop(async () => {
  const iterator = asCompleted([1, 2, 3].map((delayMs) => () => sleep(delayMs, { result: delayMs })));
  const first = await iterator.next();
  const rest: unknown[] = [];
  for await (const each of iterator) rest.push(each.result());
  expect([first.value!.result(), rest]).toEqual([1, [2, 3]]);
}));

its("as_completed_duplicate_coroutines", "a function given twice is yielded once", inLoop(async () => {
  const work = async (): Promise<string> => "ham";
  const seen: unknown[] = [];
  for await (const each of asCompleted([work, work, async () => "spam"])) seen.push(each.result());
  expect(seen).toEqual(["ham", "spam"]);
}));

its("as_completed_coroutine_without_loop as_completed_coroutine_use_running_loop", "its functions run as tasks of the running loop", inLoop(async () => {
  for await (const each of asCompleted([async () => 1])) expect(each.getLoop()).toBe(getRunningLoop());
}));

its("as_completed_invalid_args", "it refuses a value that is no collection, at once", inLoop(() => {
  expect(() => asCompleted(new Future<void>() as never)).toThrow(TypeError);
  expect(() => asCompleted(5 as never)).toThrow(TypeError);
}));

// — shield —

its("shield_result", "a shield gives the result of its awaitable", inLoop(async () => {
  const inner = new Future<number>();
  const outer = shield(inner);
  inner.setResult(42);
  expect(await outer).toBe(42);
}));

its("shield_exception", "a shield throws the error of its awaitable", inLoop(async () => {
  const inner = new Future<number>();
  const outer = shield(inner);
  const error = new Error("expected");
  inner.setException(error);
  expect(await rejection(outer)).toBe(error);
}));

its("shield_cancel_inner", "a cancelled awaitable cancels its shield", inLoop(async () => {
  const inner = new Future<void>();
  const outer = shield(inner);
  await tick();
  inner.cancel();
  await tick();
  expect(outer.cancelled()).toBe(true);
}));

its("shield_cancel_outer", "a cancelled shield does not cancel its awaitable, and ignores its outcome", inLoop(async () => {
  const inner = new Future<number>();
  const outer = shield(inner);
  await tick();
  outer.cancel();
  await tick();
  expect([outer.cancelled(), inner.done()]).toEqual([true, false]);
  inner.setResult(1);
  await tick();
  expect(outer.cancelled()).toBe(true);
}));

its("shield_shortcut", "a shield of a done future is that future", inLoop(async () => {
  const done = new Future<number>();
  done.setResult(42);
  expect(await shield(done)).toBe(42);
}));

its("shield_effect", "a task that is cancelled while it awaits a shield ends, and the awaitable continues", inLoop(async () => {
  const started = new Future<void>();
  let proof = 0;
  const inner = async (): Promise<void> => {
    await started;
    proof += 1;
  };
  const outer = createTask(async () => {
    await shield(inner);
    proof += 100;
  });
  await tick();
  await tick();
  outer.cancel();
  expect(await rejection(outer)).toBeInstanceOf(CancelledError);
  started.setResult();
  await tick();
  await tick();
  expect(proof).toBe(1);
}));

its("shield_gather", "a shielded gather outlives a cancelled shield", inLoop(async () => {
  const [a, b] = three();
  const parent = gather([a, b]);
  const outer = shield(parent);
  await tick();
  outer.cancel();
  await tick();
  expect(outer.cancelled()).toBe(true);
  a.setResult(1);
  b.setResult(2);
  expect(await parent).toEqual([1, 2]);
}));

its("gather_shield", "a cancelled gather of shields does not cancel their awaitables", inLoop(async () => {
  const [a, b] = three();
  const [inner1, inner2] = [shield(a), shield(b)];
  const parent = gather([inner1, inner2]);
  await tick();
  parent.cancel();
  expect(await rejection(parent)).toBeInstanceOf(CancelledError);
  expect([inner1.cancelled(), inner2.cancelled(), a.done(), b.done()]).toEqual([true, true, false, false]);
  a.setResult(1);
  b.setResult(2);
}));

its("shield_coroutine_without_loop shield_coroutine_use_running_loop shield_coroutine_use_global_loop", "a shielded function is a task of the running loop", inLoop(async () => {
  const outer = shield(async () => 42);
  expect([outer.getLoop() === getRunningLoop(), await outer]).toEqual([true, 42]);
}));

futures("constructor_heterogenous_futures", "futures of several loops are refused", inLoop(async () => {
  const other = new EventLoop();
  const strangers = [new Future({ loop: other }), new Future()];
  for (const compose of [() => gather(strangers), () => gather([strangers[1]!, strangers[0]!, () => 1])]) await expect(compose()).rejects.toThrow(/several loops/);
  other.close();
}));

base("env_var_debug", "OFFLOOP_DEBUG=1 turns debug mode on by default", () => {
  const program = `import { EventLoop, getEventLoop } from "@offloop/core"; console.log(getEventLoop().debug, new EventLoop({ debug: false }).debug);`;
  const debugWith = (value: string): string =>
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", env: { ...process.env, OFFLOOP_DEBUG: value } }).trim();
  expect([debugWith("1"), debugWith(""), debugWith("0")]).toEqual(["true false", "false false", "false false"]);
});
