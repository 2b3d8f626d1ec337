// Many mixed calls under random faults: every future settles correctly, no worker is left, and the heap
// stays within a bound. OFFLOOP_SOAK_CALLS sets the number of calls (npm run soak: 200,000).
// OFFLOOP_SOAK_SEED repeats a run; the seed is printed.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CancelledError, channels, type Executor, transfer, WorkerCrashedError, type WorkerEvent } from "@offloop/workers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { forEach, pools } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

const total = Number(process.env.OFFLOOP_SOAK_CALLS ?? 4_000);
const seed = Number(process.env.OFFLOOP_SOAK_SEED ?? Date.now() % 1_000_000);
/** Calls under way at once. */
const outstanding = 200;
/** The largest growth of the heap after all calls. It does not depend on their number. */
const heapBoundBytes = 40 * 2 ** 20;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Mulberry32: small, and the same everywhere. */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Outcome = { value: unknown } | { error: any };
const settle = (future: Promise<unknown>): Promise<Outcome> => future.then((value) => ({ value }), (error: unknown) => ({ error }));

/** The frequency of each kind of call that causes a fault. */
const crashShare = 0.004;

/** Makes a call of a random kind and checks its outcome. A crash of its worker is always possible. */
async function oneCall(executor: Executor, random: () => number, index: number): Promise<string> {
  const kind = random();
  const check = (label: string, outcome: Outcome, expected: (value: unknown, error: any) => boolean): string => {
    const { value, error } = { value: undefined, error: undefined, ...outcome } as { value: unknown; error: any };
    if (error instanceof WorkerCrashedError) return "crashed";
    if (!expected(value, error)) throw new Error(`call ${index} (${label}) ended with ${String(value ?? error)}`, { cause: error });
    return label;
  };
  if (kind < crashShare) return check("exit", await settle(executor.submit(calls.failsAt, "exit")), () => false);
  if (kind < 2 * crashShare) return check("uncaught", await settle(executor.submit(calls.failsAt, "uncaught")), () => false);
  if (kind < 0.5) return check("add", await settle(executor.submit(calls.add, index, 1)), (value) => value === index + 1);
  if (kind < 0.65) return check("throw", await settle(executor.submit(calls.failsAt, "throw")), (_, error) => error?.code === "E_RENDER");
  if (kind < 0.75) {
    const future = executor.submit(calls.spins, 20);
    const outcome = settle(future);
    for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) await new Promise(setImmediate);
    future.cancel(index);
    return check("cancel", await outcome, (value, error) => value === "not cancelled" || (error instanceof CancelledError && error.cause === index));
  }
  if (kind < 0.8) return check("timeout", await settle(executor.with({ runTimeoutMs: 1 }).submit(calls.spins, 50)), (value, error) => value === "not cancelled" || error?.code === "ERR_OFFLOOP_CALL_TIMEOUT");
  if (kind < 0.85) return check("queue timeout", await settle(executor.with({ queueTimeoutMs: random() * 2 }).submit(calls.add, 1, 1)), (value, error) => value === 2 || error?.stage === "queue");
  if (kind < 0.9) {
    const bytes = new Uint8Array(10_000);
    return check("transfer", await settle(executor.submit(calls.byteLength, transfer(bytes, [bytes.buffer]))), (value) => value === 10_000);
  }
  if (kind < 0.95) return check("big result", await settle(executor.submit(calls.bigResult, 200_000)), (value) => (value as Uint8Array).byteLength === 200_000);
  return check("retried", await settle(executor.with({ retries: 2, priority: 1 }).submit(calls.addLater, index, 1)), (value) => value === index + 1);
}

forEach(pools, ({ kind, make }) => {
  const count = kind === "thread" ? total : Math.ceil(total / 4);
  it(`settles ${count} mixed calls under random faults (seed ${seed})`, { timeout: 60_000 + count * 5 }, async () => {
    console.info(`soak on ${kind}: OFFLOOP_SOAK_CALLS=${total} OFFLOOP_SOAK_SEED=${seed}`);
    const executor = make({ maxWorkers: 2, onOutput: () => {} });
    const alive = new Set<number>();
    const started = (event: unknown): void => void alive.add((event as WorkerEvent).workerId);
    const exited = (event: unknown): void => void alive.delete((event as WorkerEvent).workerId);
    subscribe(channels.workerStarted.name, started);
    subscribe(channels.workerExited.name, exited);
    const random = randomOf(seed);
    const tally = new Map<string, number>();
    // The pool warns of an error that belongs to no call. Here it is intended.
    const quiet = process.listeners("warning");
    process.removeAllListeners("warning");
    let next = 0;
    const drive = async (): Promise<void> => {
      while (next < count) {
        const label = await oneCall(executor, random, next++);
        tally.set(label, (tally.get(label) ?? 0) + 1);
      }
    };
    collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed;
    await Promise.all(Array.from({ length: outstanding }, drive));
    for (const listener of quiet) process.on("warning", listener);
    const { submitted, fulfilled, rejected, cancelled, queued, running, crashes } = executor.stats();
    expect([...tally.values()].reduce((sum, each) => sum + each)).toBe(count);
    expect({ settled: fulfilled + rejected + cancelled, queued, running }).toEqual({ settled: submitted, queued: 0, running: 0 });
    expect(crashes).toBeGreaterThan(0);
    await executor.shutdown();
    expect(executor.stats()).toMatchObject({ workers: 0, startingWorkers: 0 });
    expect([...alive]).toEqual([]);
    unsubscribe(channels.workerStarted.name, started);
    unsubscribe(channels.workerExited.name, exited);
    collectGarbage();
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(heapBoundBytes);
  });
});
