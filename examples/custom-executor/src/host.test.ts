// Tests of the host: it ends before its callers, or a caller ends before its calls.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { it } from "node:test";
import { WorkerCrashedError, WorkerStartError } from "@offloop/workers";
import { endless, processId } from "./primes.js";
import { startHost } from "./start-host.js";
import { TcpExecutor } from "./tcp-executor.js";

for (const signal of ["SIGTERM", "SIGKILL"] as const) it(`rejects running calls when the host ends by ${signal}, and later calls with the reason`, async () => {
  const host = await startHost();
  const executor = new TcpExecutor({ port: host.port, maxWorkers: 1 });
  let failed: Promise<void> | undefined;
  const worker = await executor.submit(processId);
  await new Promise((begun) => {
    failed = assert.rejects(executor.with({ onProgress: begun }).submit(endless), WorkerCrashedError);
  });
  await host.stop(signal);
  await failed;
  while (isAlive(worker)) await new Promise((resolve) => setTimeout(resolve, 5));
  await assert.rejects(executor.submit(processId), (error: WorkerStartError) => error instanceof WorkerStartError && /ECONNREFUSED/.test(String(error.cause)));
  await executor.shutdown();
});

it("ends a busy worker when its caller is killed", async () => {
  const host = await startHost();
  const caller = spawn(process.execPath, ["--input-type=module", "-e", `
    const { TcpExecutor } = await import(${JSON.stringify(new URL("./tcp-executor.js", import.meta.url).href)});
    const { endless, processId } = await import(${JSON.stringify(new URL("./primes.js", import.meta.url).href)});
    const executor = new TcpExecutor({ port: ${host.port}, maxWorkers: 1 });
    console.log(await executor.submit(processId));
    await executor.submit(endless);
  `], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(caller.stdout, "data")) as [Buffer];
  const worker = Number(String(line));
  assert.ok(isAlive(worker));
  caller.kill("SIGKILL");
  while (isAlive(worker)) await new Promise((resolve) => setTimeout(resolve, 5));
  await host.stop();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
