// The interface of an event loop for the benchmarks, and its two contenders: offloop's loop in this process,
// and asyncio in a CPython process, which reads and writes lines of JSON.
//
//   loop.ts ── {"workload", "count"} ──▶ asyncio_loop.py        ◀─ {"ns", "result"} ──
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { run } from "@offloop/core";
import { findPython } from "../measure/find-python.js";
import { type WorkloadName, workloads } from "../tasks/loop-workloads.js";
import type { Contender } from "./pool.js";

/** The time and the result of one run of a workload. */
export interface LoopRun {
  readonly ns: number;
  readonly result: number;
}

/** An event loop as a contender. It is not a pool, so `start` throws. */
export interface LoopContender extends Contender {
  readonly loop: {
    run(workload: WorkloadName, count: number): Promise<LoopRun>;
    close(): Promise<unknown>;
  };
}

const noPool = async (): Promise<never> => {
  throw new Error("An event loop is not a pool: run it in the suite `loop` only");
};

export const offloop: LoopContender = {
  name: "offloop",
  start: noPool,
  loop: {
    run: (workload, count) =>
      run(async () => {
        const began = process.hrtime.bigint();
        const result = await workloads[workload](count);
        return { ns: Number(process.hrtime.bigint() - began), result };
      }),
    close: async () => {},
  },
};

export async function startAsyncio(): Promise<LoopContender> {
  const python = findPython();
  if (python === undefined) throw new Error("There is no Python: put python3 on the PATH, or set OFFLOOP_PYTHON");
  const asyncio = new Asyncio(spawn(python, [fileURLToPath(new URL("../../src/peers/asyncio_loop.py", import.meta.url))]));
  return { name: await asyncio.name(), start: noPool, loop: asyncio };
}

class Asyncio {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stderr.pipe(process.stderr);
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async name(): Promise<string> {
    return ((await this.#answer()) as { name: string }).name;
  }

  async run(workload: WorkloadName, count: number): Promise<LoopRun> {
    this.#child.stdin.write(`${JSON.stringify({ workload, count })}\n`);
    return (await this.#answer()) as LoopRun;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    await gone;
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("Python has ended without an answer: see its error output above");
    return JSON.parse(value) as unknown;
  }
}
