// What functions throw, and what other packages do to globals, when neither is plain.
import { execFileSync } from "node:child_process";
import { closeActor, InlineExecutor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";

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
