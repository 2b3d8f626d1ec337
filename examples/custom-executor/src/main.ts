// Counts primes on workers behind TCP, cancels a call in the middle of its loop, and survives a crash.
import assert from "node:assert/strict";
import { CancelledError, WorkerCrashedError } from "@offloop/workers";
import { countPrimes, crash } from "./primes.js";
import { startHost } from "./start-host.js";
import { TcpExecutor } from "./tcp-executor.js";

const host = await startHost();
const executor = new TcpExecutor({ port: host.port, maxWorkers: 2 });

let primes = 0;
const ranges = Array.from({ length: 20 }, (_, index) => [index * 10_000, (index + 1) * 10_000] as const);
for await (const count of executor.map(countPrimes, ranges)) primes += count;
console.log(`${primes} primes below ${20 * 10_000}, counted by ${executor.stats().workersStarted} workers`);
assert.equal(primes, 17_984);

const endless = executor.with({ onCancel: "wait" }).submit(countPrimes, [0, Infinity] as const);
setTimeout(() => endless.cancel("long enough"), 50);
await assert.rejects(endless, CancelledError);
console.log("cancelled in the middle of its loop, by the worker itself");

await assert.rejects(executor.submit(crash), (error: WorkerCrashedError) => error instanceof WorkerCrashedError && error.exit.exitCode === 7);
assert.equal(await executor.submit(countPrimes, [0, 10] as const), 4);
console.log("went on with another worker after a crash");

await executor.shutdown();
await host.stop();
