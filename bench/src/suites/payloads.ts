// The cost of moving data: copied, moved and shared.
import { threadPools, type ContenderKey } from "../peers/index.js";
import type { Pool } from "../peers/pool.js";
import { runBench } from "./run-bench.js";
import { check, LATENCY, type Suite } from "./suite.js";

const MEGABYTES_10 = 10 * 2 ** 20;

/** Makes a JSON-like value of about this many bytes. */
function record(bytes: number): { rows: { id: number; name: string; tags: string[]; score: number }[] } {
  return { rows: Array.from({ length: Math.ceil(bytes / 100) }, (_, id) => ({ id, name: `row number ${id} of a table`, tags: ["alpha", "beta"], score: id / 3 })) };
}

function payloadSuite(id: string, title: string, about: string, contenders: readonly ContenderKey[], once: (pool: Pool) => Promise<unknown>): Suite {
  return {
    id: `payload-${id}`,
    title: `Payload: ${title}`,
    about: `One worker, one call at a time; ${about}`,
    contenders,
    metrics: LATENCY,
    async open(contender, { roundMs }) {
      const pool = await contender.start(1);
      for (let call = 0; call < 20; call += 1) await once(pool);
      return {
        async round() {
          const { latency } = await runBench(() => once(pool), roundMs);
          return { p50: latency.p50 * 1_000, p99: latency.p99 * 1_000 };
        },
        close: () => pool.close(),
      };
    },
  };
}

function echo(bytes: number): (pool: Pool) => Promise<void> {
  const value = record(bytes);
  return async (pool) => {
    const back = (await pool.call("identity", value)) as typeof value;
    check(back.rows.length, value.rows.length, "rows back");
    check(back.rows.at(-1)!.name, value.rows.at(-1)!.name, "the last row back");
  };
}

const all: readonly ContenderKey[] = [...threadPools.filter((key) => key !== "threads"), "raw"];
const cloned = new Uint8Array(MEGABYTES_10);
const shared = new SharedArrayBuffer(MEGABYTES_10);

const inProcesses: readonly ContenderKey[] = ["offloop-processes", "tinypool-processes", "workerpool-processes", "jest-worker-processes", "raw-fork", "raw-fork-json"];

export const payloadSuites: readonly Suite[] = [
  payloadSuite("1kb", "an object of 1 KB, there and back", "a table of records goes there and comes back.", all, echo(1_000)),
  payloadSuite("100kb", "nested objects of 100 KB, there and back", "a table of records goes there and comes back.", all, echo(100_000)),
  payloadSuite("cloned", "10 MB copied", "a Uint8Array goes there; its length comes back.", all, async (pool) => check(await pool.call("sizeOf", cloned), MEGABYTES_10, "bytes")),
  payloadSuite(
    "transferred",
    "10 MB moved there",
    "an ArrayBuffer of its own each time, moved by a transfer list; its length comes back.",
    ["offloop", "piscina", "tinypool", "workerpool", "poolifier", "raw"],
    async (pool) => {
      const buffer = new ArrayBuffer(MEGABYTES_10);
      const started = performance.now();
      const size = await pool.call("sizeOf", buffer, [buffer]);
      const overriddenDuration = performance.now() - started; // does not include the time to make the buffer
      check(size, MEGABYTES_10, "bytes");
      check(buffer.byteLength, 0, "bytes left behind");
      return { overriddenDuration };
    },
  ),
  payloadSuite("shared", "10 MB shared", "a SharedArrayBuffer goes there; its length comes back.", all, async (pool) => check(await pool.call("sizeOf", shared), MEGABYTES_10, "bytes")),
  payloadSuite("processes", "nested objects of 100 KB to a process and back", "a table of records goes there and comes back.", inProcesses, echo(100_000)),
];
