// The temporary folder is missing or full: processes start all the same, and synchronous code
// still detects its cancellation.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const program = `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  BEFORE
  const { CancelledError, ProcessPoolExecutor, taskContext, workerModule } = await import(${JSON.stringify(import.meta.resolve("@offloop/workers"))});
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const { where } = workerModule(${JSON.stringify(new URL("../fixtures/calls.mjs", import.meta.url).href)});
  const pid = await pool.submit(where);
  const { untilCancelled } = workerModule(${JSON.stringify(new URL("../fixtures/until-cancelled.mjs", import.meta.url).href)});
  for (const behind of [[], [new Uint8Array(1_000_000)]]) {
    let stop;
    const begun = new Promise((resolve) => (stop = resolve));
    const call = pool.with({ onCancel: "wait", graceMs: Infinity, onProgress: stop }).submit(untilCancelled);
    await begun;
    const next = behind.length > 0 ? pool.submit((bytes) => bytes.length, ...behind) : undefined;
    await new Promise((resolve) => setImmediate(resolve));
    call.cancel("enough");
    const error = await call.catch((error) => error);
    console.log(error instanceof CancelledError, (await next) ?? 0, pid === await pool.submit(where));
  }
  await pool.shutdown();
`;

function run(before: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, ["--input-type=module", "-e", program.replace("BEFORE", before)], { encoding: "utf8", timeout: 30_000, env: { ...process.env, ...env } });
}

const answers = "true 0 true\ntrue 1000000 true\n";

it("cancels synchronous code where there is no temporary folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-test-"));
  rmSync(folder, { recursive: true });
  expect(run("", { TMPDIR: folder })).toBe(answers);
});

it("cancels synchronous code where the disk is full from the start", () => {
  expect(run("const { writeSync } = fs; fs.writeSync = (fd, bytes, ...at) => { if (at[2] !== undefined) throw Object.assign(new Error('full'), { code: 'ENOSPC' }); return writeSync(fd, bytes, ...at); }; syncBuiltinESMExports();")).toBe(answers);
});
