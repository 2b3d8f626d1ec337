// Cancels a waiter of a condition while it takes the lock back, and compares the pass of the loop in which it continues
// with CPython 3.13. condition-cancelled.json has the output of asyncio for each program. A program lists the passes in
// which the waiter is cancelled, the pass in which the lock is released, and the order in which the tasks were created
// (c: cancels, r: releases, b: acquires the lock from the second pass on).
import { readFileSync } from "node:fs";
import { CancelledError, Condition, createTask, currentTask, Lock, sleep } from "@offloop/core";
import { expect, it } from "vitest";
import { inTask, passes } from "./support.js";

interface Program {
  readonly notified: boolean;
  readonly cancelledAt: readonly number[];
  readonly releasedAt: number;
  readonly order: string;
  readonly trace: string;
}

const programs = JSON.parse(readFileSync(new URL("condition-cancelled.json", import.meta.url), "utf8")) as Program[];
const PASSES = 12;
const MOST_PASSES = 40;

async function traceOf({ notified, cancelledAt, releasedAt, order }: Program): Promise<string> {
  const trace: string[] = [];
  let pass = 0;
  const note = (text: string): unknown => trace.push(`${pass} ${text}`);
  const lock = new Lock();
  const condition = new Condition(lock);
  const waiter = createTask(async () => {
    await condition.acquire();
    try {
      try {
        await condition.wait();
        note("W woken");
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        note("W cancelled");
        currentTask()!.uncancel();
      }
      await sleep(0);
    } finally {
      condition.release();
      note("W released");
    }
  });
  waiter.catch(() => {}); // it may be cancelled again after the wait
  const tasks: Record<string, () => Promise<void>> = {
    async c() {
      for (let at = 0; at < PASSES; at += 1) {
        if (cancelledAt.includes(at)) waiter.cancel();
        await sleep(0);
      }
    },
    async r() {
      for (let at = 0; at < PASSES; at += 1) {
        if (at === 0 && notified) condition.notify();
        if (at === releasedAt) {
          lock.release();
          note("released");
        }
        await sleep(0);
      }
    },
    async b() {
      await sleep(0);
      await lock.acquire();
      note("B got");
      await sleep(0);
      lock.release();
    },
  };
  await passes(2);
  await lock.acquire();
  const others = [...order].map((letter) => createTask(tasks[letter]!));
  for (pass = 1; pass < MOST_PASSES; pass += 1) await sleep(0);
  expect([waiter, ...others].every((task) => task.done())).toBe(true);
  return trace.join(", ");
}

it.each(programs)("goes on as asyncio does: cancelled at $cancelledAt, released at $releasedAt, $order, notified: $notified", async (program) => {
  await inTask(async () => {
    expect(await traceOf(program)).toBe(program.trace);
  })();
});
