// SHARE_ENV: threads see the environment variables of this process, and later changes of them.
import { SHARE_ENV } from "node:worker_threads";
import { closeActor, InvalidOptionError, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";

const read = (): string | undefined => process.env["OFFLOOP_SHARED"];

class Reader {
  read(): string | undefined {
    return process.env["OFFLOOP_SHARED"];
  }
}

it("SHARE_ENV shares the environment with the threads of a pool and of an actor", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, env: SHARE_ENV });
  const actor = await spawnActor.with({ env: SHARE_ENV })(Reader);
  for (const value of ["one", "two"]) {
    process.env["OFFLOOP_SHARED"] = value;
    expect(await pool.submit(read)).toBe(value);
    expect(await actor.read()).toBe(value);
  }
  delete process.env["OFFLOOP_SHARED"];
  await closeActor(actor);
});

it("SHARE_ENV is refused for processes", () => {
  expect(() => new ProcessPoolExecutor({ env: SHARE_ENV })).toThrow(InvalidOptionError);
  expect(() => spawnActor.with({ env: SHARE_ENV }).with({ kind: "process" })).toThrow(InvalidOptionError);
});
