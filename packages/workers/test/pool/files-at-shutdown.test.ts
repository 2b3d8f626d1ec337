// Files that a call began to write and did not await, when the worker ends.
import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeActor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, describe, expect, it } from "vitest";
import * as files from "../fixtures/files.mjs";

const folder = mkdtempSync(join(tmpdir(), "offloop-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MEGABYTES = 12;
describe.each([
  ["threads", ThreadPoolExecutor],
  ["processes", ProcessPoolExecutor],
])("%s", (kind, Pool) => {
  it.each([files.streams, files.writes, files.appends])("finish a file at shutdown(): %o", async (leavesUnfinished) => {
    const path = join(folder, `${kind}-${leavesUnfinished.name}`);
    const pool = new Pool({ maxWorkers: 1 });
    await pool.submit(leavesUnfinished, path, MEGABYTES);
    await pool.shutdown();
    expect(statSync(path).size).toBe(MEGABYTES * 2 ** 20);
  });

  it("finish a file when a worker is replaced", async () => {
    const path = join(folder, `${kind}-replaced`);
    const pool = new Pool({ maxWorkers: 1, maxTasksPerWorker: 1 });
    await pool.submit(files.streams, path, MEGABYTES);
    await pool.submit(files.nothing);
    await pool.shutdown();
    expect(statSync(path).size).toBe(MEGABYTES * 2 ** 20);
  });

  it("finish the file of an actor", async () => {
    const path = join(folder, `${kind}-actor`);
    const actor = await spawnActor.with({ kind: kind === "threads" ? "thread" : "process" })(files.Writer);
    await actor.streams(path, MEGABYTES);
    await closeActor(actor);
    expect(statSync(path).size).toBe(MEGABYTES * 2 ** 20);
  });
});

it.each([
  ["thread", ThreadPoolExecutor],
  ["process", ProcessPoolExecutor],
])("shutdown() ends though a file never answers in its %s", async (kind, Pool) => {
  const pool = new Pool({ maxWorkers: 1, closeTimeoutMs: 200 });
  const pipe = join(folder, `pipe-${kind}`);
  await pool.submit(files.opensPipe, pipe);
  await pool.shutdown();
  closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)); // lets a thread end, which Node cannot interrupt
});
