// Errors, reasons and borrowers that have no string form, or whose getters and traps throw. They pass through tasks
// unchanged, and no message about them throws.
import { allTasks, CancelScope, CapacityLimiter, Context, createTask, Future, gather, InvalidArgumentError, InvalidStateError, isCancelled, moveOnAfter, PriorityQueue, race, run, shield, sleep, taskGroup, timeout, toThread, wait, waitFor } from "@offloop/core";
import { types } from "node:util";
import { expect, it } from "vitest";

const refuse = (): never => {
  throw new RangeError("a trap");
};
const hostile: Record<string, () => unknown> = {
  "an object without a prototype": () => Object.create(null),
  "a proxy whose traps throw": () => new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse }),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "an error whose getters throw": () => Object.defineProperties(new Error(), Object.fromEntries(["stack", "name", "message", "code", "cause", "reason"].map((name) => [name, { get: refuse }]))),
  "a symbol": () => Symbol("thrown"),
};

/** What `promise` rejects with, in an object: a promise would ask it for `then`. */
async function thrownBy(promise: PromiseLike<unknown>): Promise<{ readonly error: unknown }> {
  try {
    await promise;
  } catch (error) {
    return { error };
  }
  throw new Error("nothing was thrown");
}

const throwing: Record<string, (fail: () => Promise<never>) => PromiseLike<unknown>> = {
  createTask: (fail) => createTask(fail),
  gather: (fail) => gather([fail]),
  race: (fail) => race([fail]),
  timeout: (fail) => timeout(60_000, fail),
  waitFor: (fail) => waitFor(fail, 60_000),
  moveOnAfter: (fail) => moveOnAfter(60_000, fail),
  shield: (fail) => shield(fail()),
  "a task of run()": (fail) => run(fail),
  "a scope": (fail) => new CancelScope().run(fail),
  "a cancelled scope": (fail) =>
    new CancelScope().run(async (scope) => {
      scope.cancel();
      try {
        await sleep(0);
      } catch {
        // cancelled
      }
      return fail();
    }),
  "a cancelled task": async (fail) => {
    const task = createTask(() => sleep(60_000).catch(fail));
    await sleep(1);
    task.cancel();
    return task;
  },
};

for (const [value, make] of Object.entries(hostile)) {
  it.each(Object.entries(throwing))(`${value} that is thrown comes out of %s`, async (_, through) => {
    const thrown = make();
    const fail = async (): Promise<never> => {
      throw thrown;
    };
    expect((await thrownBy(through(fail))).error === thrown).toBe(true);
  });

  it(`${value} is in the errors of a task group, and in what wait() gives`, async () => {
    const thrown = make();
    const fail = async (): Promise<never> => {
      await sleep(0);
      throw thrown;
    };
    const error = (await thrownBy(taskGroup((group) => void group.createTask(fail)))).error as AggregateError;
    expect([error instanceof AggregateError, error.errors[0] === thrown]).toEqual([true, true]);
    const { done } = await wait([createTask(fail)]);
    expect([...done].map((each) => each.exception() === thrown)).toEqual([true]);
    expect(isCancelled(thrown)).toBe(false);
  });

  it(`${value} can be the reason of a cancellation, and is its cause`, async () => {
    const reason = make();
    const task = createTask(() => sleep(60_000));
    await sleep(1);
    task.cancel(reason);
    expect(((await thrownBy(task)).error as Error).cause === reason).toBe(true);
    const future = new Future();
    future.cancel(reason);
    expect(((await thrownBy(future)).error as Error).cause === reason).toBe(true);
    const scope = new CancelScope();
    expect(await scope.run(async () => (scope.cancel(reason), await sleep(60_000), "went on"))).toBe(undefined);
    expect((scope.signal.reason as Error).cause === reason).toBe(true);
  });

  it(`${value} can borrow a token, and is refused a second one`, async () => {
    const limiter = new CapacityLimiter(2);
    const borrower = make();
    await limiter.acquireOnBehalfOf(borrower);
    expect(() => limiter.acquireOnBehalfOfNowait(borrower)).toThrow(InvalidStateError);
    limiter.releaseOnBehalfOf(borrower);
    expect(() => limiter.releaseOnBehalfOf(borrower)).toThrow(InvalidStateError);
  });

  it(`${value} is refused as an argument at once, and leaves nothing behind`, async () => {
    const given = make() as never;
    for (const call of [() => toThread(given), () => gather(given), () => race(given), () => new Context(given), () => new Context([given]), () => new CapacityLimiter(given), () => timeout(given, async () => {}), () => sleep(given), () => taskGroup(given), () => run(given)]) {
      const { error } = await thrownBy(Promise.resolve().then(call as () => unknown));
      // A proxy may end the call by an error of its own.
      if (!types.isProxy(given)) expect([String(call), (error as { code?: string }).code ?? error]).toEqual([String(call), expect.stringMatching(/^ERR_OFFLOOP_INVALID_/)]);
    }
    const queue = new PriorityQueue<unknown>(0, { compare: () => given });
    queue.putNowait(1);
    expect(() => queue.putNowait(2)).toThrow(InvalidArgumentError);
    expect(allTasks().size).toBe(0);
  });

  it(`${value} is awaited as a promise would await it`, async () => {
    const given = make() as never;
    const awaited = await (async () => ({ value: await given }))().catch((error: unknown) => ({ error }));
    for (const wait of [() => gather([given]), () => race([given]), () => waitFor(given, 60_000), () => shield(given)]) {
      const end = await (async () => [await wait()].flat()[0])().then((value: unknown) => ({ value }), (error: unknown) => ({ error }));
      expect(Object.keys(end)).toEqual(Object.keys(awaited));
    }
  });
}
