// Promises that this package did not make: each function of the loop gives what `await` gives.
import { asCompleted, CancelledError, createTask, ensureFuture, firstCompleted, fromThread, Future, gather, getRunningLoop, newEventLoop, race, run, shield, sleep, taskGroup, timeout, wait, waitFor } from "@offloop/core";
import { InlineExecutor } from "@offloop/workers";
import { setTimeout as delay } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";

/** As p-cancelable and got do it: a prototype chain that ends at Promise, and the real promise in a field. */
class WithoutSlot {
  readonly #promise: Promise<unknown>;
  constructor(promise: Promise<unknown>) {
    this.#promise = promise;
  }
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  then(...callbacks: Parameters<Promise<unknown>["then"]>): Promise<unknown> {
    return this.#promise.then(...callbacks);
  }
}
Object.setPrototypeOf(WithoutSlot.prototype, Promise.prototype);

class Doubled extends Promise<number> {
  override then<A, B>(onValue?: ((value: number) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return super.then((value) => onValue?.(value * 2) as A, onError);
  }
}

class DoubledFuture extends Future<number> {
  override then<A = number, B = never>(onValue?: ((value: number) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Future<A | B> {
    return super.then((value) => onValue?.(value * 2) as A, onError);
  }
}

function doubledFuture(): DoubledFuture {
  const future = new DoubledFuture();
  getRunningLoop().callLater(1, () => future.setResult(4));
  return future;
}

const bound = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });

let begun = 0;
/** As a query builder: `then` starts the query. */
const query = () => ({
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  then(onValue: (value: unknown) => void) {
    onValue(`query ${++begun}`);
  },
});

const kinds: Record<string, () => unknown> = {
  "a promise without the native slot": () => new WithoutSlot(Promise.resolve("whole")),
  "one that rejects": () => new WithoutSlot(Promise.reject(new RangeError("no"))),
  "one that rejects later": () => new WithoutSlot(delay(1).then(() => Promise.reject(new RangeError("late")))),
  "a subclass with its own then": () => Doubled.resolve(4),
  "a subclass with its own then that rejects": () => Doubled.reject(new RangeError("no")),
  "a future with its own then": doubledFuture,
  "a proxy of a promise": () => new Proxy(Promise.resolve(1), {}),
  "a proxy of a future": () => new Proxy(sleep(1), {}),
  "a proxy that binds": () => bound(Promise.resolve("bound")),
  "a proxy of a future that binds": () => bound(sleep(1).then(() => "bound future")),
  "a promise of another realm": () => runInNewContext("Promise.resolve('far')"),
  "a promise with a then of its own, which await does not call": () => Object.assign(Promise.resolve("slot"), { then: () => expect.unreachable() }),
  "a thenable that starts with then": query,
  "a thenable that settles twice": () => ({ then: (onValue: (value: unknown) => void, onError: (error: unknown) => void) => (onValue(1), onError(2)) }), // oxlint-disable-line unicorn/no-thenable
  "a thenable that throws": () => ({ then: () => { throw new RangeError("thrown"); } }), // oxlint-disable-line unicorn/no-thenable
  "a then that cannot be read": () => ({ get then() { throw new RangeError("read"); } }), // oxlint-disable-line unicorn/no-thenable
  "a thenable of a thenable": () => ({ then: (onValue: (value: unknown) => void) => onValue(new WithoutSlot(Promise.resolve("deep"))) }), // oxlint-disable-line unicorn/no-thenable
};

const functions: Record<string, (value: any) => unknown> = {
  createTask: (value) => createTask(value),
  "createTask of a function": (value) => createTask(() => value),
  "createTask, eager": (value) => createTask(() => value, { eager: true }),
  "taskGroup().createTask": (value) => taskGroup(async (group) => await group.createTask(value)).catch((error) => Promise.reject((error as AggregateError).errors[0])),
  "the body of taskGroup": (value) => taskGroup(() => value).catch((error) => Promise.reject((error as AggregateError).errors[0])),
  ensureFuture: (value) => ensureFuture(value),
  gather: async (value) => (await gather([value]))[0],
  race: (value) => race([value]),
  firstCompleted: (value) => firstCompleted([value]),
  wait: async (value) => [...(await wait([value])).done][0],
  waitFor: (value) => waitFor(value, 1000),
  "waitFor of a function": (value) => waitFor(() => value, 1000),
  asCompleted: async (value) => {
    for await (const future of asCompleted([value])) return future.result();
    return undefined;
  },
  shield: (value) => shield(value),
  timeout: (value) => timeout(1000, () => value),
  fromThread: async (value) => {
    await using pool = new InlineExecutor();
    return await pool.submit(() => fromThread(() => value));
  },
};

const outcome = async (of: () => unknown): Promise<unknown> => {
  try {
    return { value: await of() };
  } catch (error) {
    return { error: (error as Error).name };
  }
};

it.each(Object.keys(kinds))("gives the same as await: %s", async (kind) => {
  const make = kinds[kind]!;
  await run(async () => {
    for (const [name, through] of Object.entries(functions)) {
      begun = 0;
      const expected = await outcome(make);
      begun = 0;
      expect(await outcome(() => through(make())), name).toEqual(expected);
    }
  });
  begun = 0;
  const expected = await outcome(make);
  begun = 0;
  expect(await outcome(() => run(() => make())), "run").toEqual(expected);
  if (kind.includes("future")) return; // it is of the default loop
  const loop = newEventLoop();
  begun = 0;
  expect(await outcome(() => loop.runUntilComplete(make())), "runUntilComplete").toEqual(expected);
  loop.close();
});

it("a task that awaits another library's promise is cancelled at once, and the promise stays pending", async () => {
  const { promise, resolve } = withResolvers<string>();
  const task = createTask(new WithoutSlot(promise) as never);
  await sleep(0);
  task.cancel("enough");
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  resolve("went on");
  expect(await promise).toBe("went on");
});

it("a task that passes a future to createTask does not wait for it", async () => {
  await run(async () => {
    const inner = new Future<string>();
    const giver = createTask(async () => {
      createTask(inner);
      await sleep(60_000);
    });
    await sleep(1);
    giver.cancel();
    await expect(giver).rejects.toBeInstanceOf(CancelledError);
    expect(inner.cancelled()).toBe(false);
  });
});

it("fromThread.sync in an inline call refuses a function that has to be awaited", async () => {
  await using pool = new InlineExecutor();
  for (const make of [query, () => Promise.resolve(1), () => new WithoutSlot(Promise.resolve(1))]) {
    await expect(pool.submit(() => fromThread.sync(make))).rejects.toThrow(/Await fromThread/);
  }
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  return { promise: new Promise<T>((take) => (resolve = take)), resolve };
}
