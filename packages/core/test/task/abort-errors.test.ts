// Clients throw their own errors when a signal fires. A timeout, a scope, a group and a task treat them as its cancellation.
import { CancelledError, CancelScope, createTask, currentTask, failAfter, isCancelled, moveOnAfter, run, sleep, taskGroup, timeout, TimeoutError, VirtualTimeLoop } from "@offloop/core";
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";

const virtually = <T>(main: () => Promise<T>): Promise<T> => run(main, { loopFactory: () => new VirtualTimeLoop() }) as Promise<T>;
const named = (name: string, properties: object): Error => Object.assign(new Error("canceled"), { name }, properties);

/** The error of each client for a signal that has fired. */
const clients: Record<string, (signal: AbortSignal) => unknown> = {
  axios: () => named("CanceledError", { code: "ERR_CANCELED" }),
  "node-fetch": () => named("AbortError", { type: "aborted" }),
  got: () => named("AbortError", { code: "ERR_ABORTED" }),
  "p-cancelable": () => named("CancelError", { code: "ERR_CANCELED" }),
  "fetch, which throws the reason": (signal) => signal.reason,
  "node:timers/promises": (signal) => named("AbortError", { code: "ABORT_ERR", cause: signal.reason }),
  "an SDK that wraps the error of its client": (signal) => new Error("request failed", { cause: new Error("socket", { cause: clients["axios"]!(signal) }) }),
  "a client with the reason in a property": (signal) => Object.assign(new Error("stopped"), { reason: signal.reason }),
};

const call = (client: string, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(clients[client]!(signal))));

it.each(Object.keys(clients))("%s", async (client) => {
  await virtually(async () => {
    await expect(timeout(5, (limit) => call(client, limit.signal))).rejects.toBeInstanceOf(TimeoutError);
    await expect(timeout(5, () => call(client, currentTask()!.signal))).rejects.toBeInstanceOf(TimeoutError);
    expect(await moveOnAfter(5, (scope) => call(client, scope.signal))).toBeUndefined();
    await expect(failAfter(5, (scope) => call(client, scope.signal))).rejects.toBeInstanceOf(TimeoutError);
    for (const body of [() => call(client, currentTask()!.signal), () => timeout(60_000, (limit) => call(client, limit.signal))]) {
      const task = createTask(body);
      await sleep(1);
      task.cancel("enough");
      await expect(task).rejects.toBeInstanceOf(CancelledError);
      expect(task.cancelled()).toBe(true);
    }
    const group = taskGroup(async (tasks) => {
      tasks.createTask(async () => {
        await sleep(1);
        throw new RangeError("no");
      });
      await call(client, currentTask()!.signal);
    });
    await expect(group).rejects.toMatchObject({ errors: [expect.any(RangeError)] });
  });
});

it("an abort error of another signal is not changed", async () => {
  await virtually(async () => {
    const other = named("AbortError", { code: "ABORT_ERR" });
    const fails = (): Promise<never> => Promise.reject(other);
    await expect(timeout(5, fails)).rejects.toBe(other);
    await expect(moveOnAfter(5, fails)).rejects.toBe(other);
    await expect(createTask(fails)).rejects.toBe(other);
  });
});

it("the task does not keep a listener that was left on a timeout's signal", async () => {
  await virtually(async () => {
    const task = currentTask()!;
    for (let count = 0; count < 50; count += 1) await timeout(60_000, ({ signal }) => signal.addEventListener("abort", () => {}));
    expect(getEventListeners(task.signal, "abort")).toEqual([]);
  });
});

it("a scope does not consume a cancellation that was requested before it", async () => {
  const cases: Record<string, () => Promise<unknown>> = {
    moveOnAfter: () => moveOnAfter(0, () => sleep(60_000)),
    "moveOnAfter, a yield": () => moveOnAfter(0, () => sleep(0)),
    failAfter: () => failAfter(0, () => sleep(60_000)),
    "scopes in scopes": () => moveOnAfter(0, () => moveOnAfter(0, () => sleep(60_000))),
    "a scope that is cancelled before": () => {
      const scope = new CancelScope();
      scope.cancel();
      return scope.run(() => sleep(60_000));
    },
    "a scope that is cancelled within": () =>
      new CancelScope().run((scope) => {
        scope.cancel();
        return sleep(60_000);
      }),
  };
  for (const [title, body] of Object.entries(cases)) {
    await virtually(async () => {
      const task = createTask(async () => {
        currentTask()!.cancel("first");
        await body();
        return "went on";
      });
      const outcome = await task.catch((error: unknown) => error);
      expect(isCancelled(outcome), title).toBe(true);
      expect((outcome as Error).cause, title).toBe("first");
      // Without an earlier cancellation, and where it was taken back, the scope catches its own.
      const taken = createTask(async () => {
        currentTask()!.cancel();
        currentTask()!.uncancel();
        return await body().catch((error: Error) => error.name);
      });
      expect(["TimeoutError", undefined], title).toContain(await taken);
    });
  }
});
