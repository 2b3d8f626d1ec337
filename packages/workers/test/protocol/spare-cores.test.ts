import { SpareCores } from "#workers/protocol/spare-cores.js";
import { availableParallelism } from "node:os";
import { expect, it } from "vitest";

it("has spare cores while fewer workers are busy than there are cores, on both sides", () => {
  const main = new SpareCores();
  const worker = new SpareCores(main.buffer);
  for (let busy = 0; busy < availableParallelism(); busy += 1) {
    expect([main.any, worker.any]).toEqual([true, true]);
    main.workerBusy();
  }
  expect([main.any, worker.any]).toEqual([false, false]);
  main.workerIdle();
  expect([main.any, worker.any]).toEqual([true, true]);
});
