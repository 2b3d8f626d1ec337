// The modules that a worker loads: no more than it needs to run calls, for a fast start and little memory.
import { ProcessPoolExecutor, ThreadPoolExecutor, workerModule } from "@offloop/workers";
import { expect, it } from "vitest";

interface Scripts {
  listScripts(): string[];
}

const { listScripts } = workerModule<Scripts>(new URL("../fixtures/list-scripts.mjs", import.meta.url));
const shared = ["workers/dist/entry/bundle.js", "workers/dist/executor/bundle.js", "workers/dist/protocol/bundle.js"];

it("a thread loads piscina's worker and the bundles of calls, and no code of the main side", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, execArgv: [] });
  const scripts = await pool.submit(listScripts);
  expect(scripts.filter((each) => each.startsWith("piscina"))).toEqual(["piscina/dist/common.js", "piscina/dist/symbols.js", "piscina/dist/worker.js"]);
  expect(scripts.filter((each) => !each.startsWith("piscina"))).toEqual([...shared, "workers/dist/entry/thread.cjs", "workers/dist/entry/thread.js"].sort());
});

it("a process loads the bundles of calls, and no code of the main side", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, execArgv: [] });
  expect(await pool.submit(listScripts)).toEqual([...shared, "workers/dist/entry/process.js"].sort());
});
