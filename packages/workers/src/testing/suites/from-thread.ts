import { existsSync, readFileSync } from "node:fs";
import { setMainHost } from "../../executor/main-host.js";
import { CancelledError, CloneError, FunctionTravelError } from "../../executor/errors.js";
import { callSoonThreadsafe, fromThread } from "../../executor/from-thread.js";
import { expect, matching } from "../expect.js";
import * as contexts from "../fixtures/contexts.js";
import * as back from "../fixtures/from-thread.js";
import { type DefineSuite, rejection, until } from "../harness.js";

export function fromThreadSuite(suite: DefineSuite): void {
  suite([], ({ it, beforeEach, has, make, file }) => {
    beforeEach(() => void back.state.seen.splice(0));

    it("runs a function of the caller's thread, in its instance of the module", async () => {
      const { worker, main } = await make().submit(back.asksPlace);
      expect(main).toBe(back.place());
      if (has("workers")) expect(worker).not.toBe(main);
    });

    it("gives the result of a synchronous and of an asynchronous function of the caller's thread", async () => {
      const executor = make();
      expect(await executor.submit(back.asks, 1, 2)).toBe(3);
      expect(await executor.submit(back.asksLater, 3, 4)).toBe(7);
      expect(await executor.submit(back.asksManyAtOnce, 200)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    });

    it("throws the function's error, complete, with the stacks of both sides", async () => {
      const error = (await make().submit(back.asksFailure))!;
      expect(error).toMatchObject({ isRange: true, code: "E_HERE", cause: "root" });
      expect(error.stack).toMatch(!has("workers") ? /failsHere/ : /failsHere[\s\S]*called from[\s\S]*asksFailure/);
    });

    it("an unawaited failure is dropped", async () => {
      expect(await make().submit(back.asksDropped)).toBe(2);
    });

    it("runs in the context of the requesting call", async () => {
      expect(await contexts.request.run({ id: "r7" }, () => make().submit(back.asksRequest))).toEqual({ id: "r7" });
    });

    it("a cancelled call sees its cancellation while it waits for fromThread", async () => {
      const seen = file("seen");
      const running = make().submit(back.asksForever, seen);
      await until(() => existsSync(seen));
      expect(running.cancel("enough")).toBe(true);
      expect(await rejection(running)).toBeInstanceOf(CancelledError);
      await until(() => readFileSync(seen, "utf8") === "CancelledError");
    });

    it("one fromThread call can be cancelled by itself", async () => {
      expect(await make().submit(back.asksAndCancels)).toEqual([true, "CancelledError", "changed my mind", "cancelled"]);
    });

    it("callSoonThreadsafe schedules in order, before the answer of the call", async () => {
      const executor = make();
      await executor.submit(back.schedules, 0, 100);
      await until(() => back.state.seen.length === 100);
      expect(back.state.seen).toEqual(Array.from({ length: 100 }, (_, index) => index));
    });
  });

  suite(["syncWayBack"], ({ it, make }) => {
    it("fromThread.sync waits in synchronous code", async () => {
      expect(await make().submit(back.asksOften, 100)).toBe(4950);
    });

    it("fromThread.sync throws what the function throws", async () => {
      expect(await rejection(make().submit(back.asksFailureSync))).toMatchObject({ name: "RangeError", code: "E_HERE" });
    });
  });

  suite(["workers", "syncWayBack"], ({ it, make, file }) => {
    it("fromThread.sync waits for an asynchronous function too", async () => {
      expect(await make().submit(back.asksSync, 20, 22)).toBe(42);
    });

    it("a cancellation ends fromThread.sync", async () => {
      const asked = file("asked");
      const running = make({ maxWorkers: 1 }).submit(back.asksForeverSync, asked);
      await until(() => existsSync(asked));
      running.cancel("enough");
      expect(await rejection(running)).toBeInstanceOf(CancelledError);
      await until(() => existsSync(`${asked}.error`) && readFileSync(`${asked}.error`, "utf8") === "CancelledError");
    });
  });

  suite(["workers", "transfer"], ({ it, make }) => {
    it("moves marked objects in both directions", async () => {
      expect(await make().submit(back.movesBuffer)).toEqual([1024, 0]);
      expect(await make().submit(back.takesBuffer)).toBe(4096);
    });
  });

  suite(["workers", "code"], ({ it, make }) => {
    it("a function that no module exports travels as code, with copies of its captured values", async () => {
      expect(await make().submit(back.asksByValue, 2)).toEqual([41, "object"]);
      const scheduled: unknown[] = ((globalThis as { __scheduled?: unknown[] }).__scheduled = []);
      await make().submit(back.schedulesByValue, "by value");
      await until(() => scheduled.length === 1);
      expect(scheduled).toEqual(["by value"]);
    });
  });

  suite(["workers"], ({ describe, it, beforeEach, afterEach, make, file }) => {
    it("names the argument, or the part of the result, that cannot be cloned", async () => {
      const executor = make();
      const sent = await rejection(executor.submit(back.sendsFunction));
      expect([sent instanceof CloneError, sent.message]).toEqual([true, matching(/args\[0\]/)]);
      const returned = await rejection(executor.submit(back.asksSocket));
      expect([returned instanceof CloneError, returned.message]).toEqual([true, matching(/result\.socket/)]);
    });

    it("a missing export rejects, and the error names it", async () => {
      const error = await rejection(make().submit(back.asksNothing));
      expect([error instanceof FunctionTravelError, error.message]).toEqual([true, matching(/has no isNotThere/)]);
    });

    it("works outside a call too, for timers that outlive it", async () => {
      await make().submit(back.outlives);
      await until(() => (back.state.seen as unknown[]).includes("after the call"));
    });

    describe("with a host that can cancel", () => {
      const ended: string[] = [];
      const names: string[] = [];
      const reported: unknown[] = [];
      beforeEach(() => {
        for (const list of [ended, names, reported]) list.splice(0);
        setMainHost({
          run(name, fn) {
            names.push(name);
            return { outcome: new Promise((resolve) => resolve(fn())), cancel: (reason) => void ended.push(String(reason)) };
          },
          schedule: (fn) =>
            void setImmediate(() => {
              try {
                fn();
              } catch (error) {
                reported.push(error);
              }
            }),
          outsideTasks: (fn) => fn(),
          inTask: () => false,
          follow: () => undefined,
        });
      });
      afterEach(() => setMainHost(undefined));

      it("cancels the functions that a cancelled call has requested", async () => {
        const asked = file("asked");
        const running = make().submit(back.asksForever, asked);
        await until(() => names.includes("never"));
        running.cancel("enough");
        await rejection(running);
        await until(() => ended.length === 1);
        expect(ended).toEqual(["enough"]);
      });

      it("cancels the functions that a call has requested when its worker ends", async () => {
        const asked = file("asked");
        await rejection(make().submit(back.asksAndExits, asked));
        expect(ended).toEqual([matching(/worker \d+ has ended/)]);
      });

      it("reports the error of a scheduled function", async () => {
        await make().submit(back.schedulesFailure);
        await until(() => reported.length === 1);
        expect(reported[0]).toMatchObject({ code: "E_HERE" });
      });
    });
  });

  suite([], ({ it }) => {
    it("throws outside a worker", () => {
      for (const call of [() => fromThread(back.place), () => fromThread.sync(back.place), () => callSoonThreadsafe(back.place)]) expect(call).toThrow(/outside a worker/);
    });
  });
}
