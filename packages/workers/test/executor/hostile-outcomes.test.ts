// What functions throw, and what other packages do to globals, when neither is plain.
import { execFileSync } from "node:child_process";
import { inspect } from "node:util";
import { closeActor, InlineExecutor, ProcessPoolExecutor, spawnActor, task, ThreadPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";
import { spinsWithoutClock } from "../fixtures/until-cancelled.mjs";

class Mortal {
  dies(): void {
    process.exit(3);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    process.exit(4);
  }
}

const trap = (): never => {
  throw new Error("trap");
};

it.each([["inline", InlineExecutor], ["thread", ThreadPoolExecutor], ["process", ProcessPoolExecutor]] as const)("settles a call on %s that throws a proxy whose traps throw", async (_, Pool) => {
  await using pool = new Pool();
  const throwsProxy = (): never => {
    throw new Proxy({}, { get: () => { throw new Error("trap"); }, getPrototypeOf: () => { throw new Error("trap"); } });
  };
  const outcomes = await Promise.all([pool.submit(throwsProxy), pool.submit(async () => throwsProxy())].map((future) => future.then(() => "fulfilled", () => "rejected")));
  expect(outcomes).toEqual(["rejected", "rejected"]);
});

it.each([["inline", InlineExecutor], ["thread", ThreadPoolExecutor], ["process", ProcessPoolExecutor]] as const)("runs and cancels a function on %s whose name is no text", async (_, Pool) => {
  await using pool = new Pool();
  for (const name of [{ value: Symbol("name") }, { value: Object.create(null) as object }, { get: trap }]) {
    const named = <F extends () => unknown>(fn: F): F => Object.defineProperty(fn, "name", name);
    expect(await pool.submit(named(() => 1))).toBe(1);
    const waits = pool.with({ graceMs: 0 }).submit(named(() => new Promise<never>(() => {})));
    waits.cancel("enough");
    await expect(waits).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
    await expect(pool.with({ runTimeoutMs: 1, graceMs: 0 }).submit(named(() => new Promise<never>(() => {})))).rejects.toThrow("(anonymous)");
  }
});

it.each<[string, PropertyDescriptor]>([["a symbol", { value: Symbol("name") }], ["an object without a string form", { value: Object.create(null) as object }], ["a getter that throws", { get: trap }]])("takes %s for no name of a function, a class or an executor", async (_, name) => {
  const named = <F extends object>(fn: F): F => Object.defineProperty(fn, "name", { ...name, configurable: true });
  await using pool = new (named(class extends ThreadPoolExecutor {}))({ maxWorkers: 1 });
  expect(inspect(pool)).toBe("object [workers: 0, running: 0, queued: 0]");
  const captured = named(() => 7);
  const Class = named(class { static of(): number { return 8; } });
  expect(await pool.submit(() => captured() + Class.of())).toBe(15);
  expect(await pool.submit((value: object) => Object.keys(value), Object.create({ constructor: named(() => {}) }, { a: { value: 1, enumerable: true } }) as object)).toEqual(["a"]);
  await expect(pool.submit(named(Math.max.bind(null)), 1, 2)).rejects.toMatchObject({ code: "ERR_OFFLOOP_FUNCTION_TRAVEL" });
  expect(() => task(named(() => 1), { module: import.meta.url })).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION" }) as Error);
  for (const kind of ["thread", "process"] as const) {
    const actor = await spawnActor.with({ kind })(named(class { add(value: number): number { return value + 1; } }));
    expect(await actor.add(1)).toBe(2);
    await closeActor(actor);
  }
});

it("settles an inline call that is cancelled with a proxy whose traps throw", async () => {
  await using pool = new InlineExecutor();
  const future = pool.submit(() => new Promise<never>(() => {}));
  const outcome = future.then(() => "fulfilled", () => "rejected");
  future.cancel(new Proxy({}, { get: trap, getPrototypeOf: trap }));
  expect(await outcome).toBe("rejected");
});

it("answers fromThread() after Promise was replaced on the calling thread", () => {
  const program = `
    import { fromThread, ThreadPoolExecutor } from ${JSON.stringify(import.meta.resolve("@offloop/workers"))};
    globalThis.Promise = class Promise extends globalThis.Promise {};
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    console.log(await pool.submit(async () => await fromThread((value) => value + 1, 41)));
    await pool.shutdown();`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 20_000 })).toBe("42\n");
});

it.each(["thread", "process"] as const)("closes an actor on a %s that dies while it closes", async (kind) => {
  const first = await spawnActor.with({ kind })(Mortal);
  await expect(closeActor(first)).resolves.toBeUndefined();
  const second = await spawnActor.with({ kind })(Mortal);
  const died = second.dies().then(() => "answered", (error: { readonly code?: unknown }) => error.code);
  await expect(closeActor(second)).resolves.toBeUndefined();
  expect(await died).toBe("ERR_OFFLOOP_SHUTDOWN");
});

it.each(["thread", "process"] as const)("settles the calls of an actor on a %s that dies, after the program has replaced its functions of time", (kind) => {
  const program = `
    import { closeActor, spawnActor } from ${JSON.stringify(import.meta.resolve("@offloop/workers"))};
    Object.assign(globalThis, { setTimeout: () => 0, setImmediate: () => 0, setInterval: () => 0, queueMicrotask: () => {} });
    performance.now = Date.now = () => 0;
    class Mortal { dies() { process.exit(3); } waits() { return new Promise(() => {}); } }
    const actor = await spawnActor.with({ kind: ${JSON.stringify(kind)} })(Mortal);
    const outcomes = await Promise.allSettled([actor.waits(), actor.dies(), actor.waits()]);
    console.log(outcomes.map(({ reason }) => reason.code).join());
    console.log(await actor.waits().catch((error) => error.code));
    await closeActor(actor);`;
  const crashed = "ERR_OFFLOOP_WORKER_CRASHED";
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 20_000 })).toBe(`${[crashed, crashed, crashed].join()}\n${crashed}\n`);
});

it.each(["thread", "process"] as const)("cancels synchronous code on a %s whose clock stands still", async (kind) => {
  await using pool = new (kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor)({ maxWorkers: 1 });
  let stopped!: () => void;
  const begun = new Promise<void>((resolve) => (stopped = resolve));
  const running = pool.with({ graceMs: 600_000, onProgress: stopped }).submit(spinsWithoutClock);
  await begun;
  running.cancel("enough");
  await expect(running).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
  // The worker is still there: the function has seen its cancellation.
  expect(await pool.submit(Math.max, 1, 2)).toBe(2);
  expect(pool.stats().workersStarted).toBe(1);
});
