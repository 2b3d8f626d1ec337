// Primitives when loops close and cancel scopes cancel.
import { CancelScope, createTask, run, sleep, VirtualTimeLoop } from "@offloop/core";
import { Condition } from "#core/sync/condition.js";
import { Lock } from "#core/sync/lock.js";
import { expect, it } from "vitest";

it("serves one loop after another, and refuses tasks of two loops at once", async () => {
  const lock = new Lock();
  for (let round = 0; round < 2; round += 1) {
    await run(async () => {
      await lock.acquire();
      const waiting = createTask(() => lock.acquire());
      await sleep(0);
      lock.release();
      (await waiting).release();
    }, { loopFactory: () => new VirtualTimeLoop() });
  }
  await lock.acquire();
  const waiting = createTask(() => lock.acquire());
  await sleep(0);
  await expect(run(() => lock.acquire(), { loopFactory: () => new VirtualTimeLoop() })).rejects.toThrow(/one loop at a time/);
  lock.release();
  await waiting;
});

it("takes a condition's lock again in a cancelled scope, while another task holds it and sleeps", async () => {
  const steps: string[] = [];
  await run(async () => {
    const condition = new Condition();
    const scope = new CancelScope();
    const waiting = createTask(() => scope.run(async () => {
      await condition.acquire();
      try {
        await condition.wait();
      } finally {
        steps.push(`locked: ${condition.locked()}`);
        condition.release();
      }
    }));
    await sleep(0);
    await condition.acquire();
    scope.cancel();
    await sleep(60_000); // in virtual time, which goes on only when nothing spins
    steps.push("slept");
    condition.release();
    await waiting;
  }, { loopFactory: () => new VirtualTimeLoop() });
  expect(steps).toEqual(["slept", "locked: true"]);
});
