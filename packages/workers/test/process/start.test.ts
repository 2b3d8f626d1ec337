// How a child process starts, for different kinds of programs.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const workers = import.meta.resolve("@offloop/workers");
const program = `
  import { ProcessPoolExecutor } from ${JSON.stringify(workers)};
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  console.log("answer", await pool.submit((value) => value + 1, 41));
  await pool.shutdown();
`;

it.each([["-e"], ["--eval"], ["--no-warnings", "--input-type=module", "-e"]])("does not run the text of a program given by %s again", (...options) => {
  const output = execFileSync(process.execPath, ["--input-type=module", ...options, program], { encoding: "utf8", timeout: 20_000 });
  expect(output).toBe("answer 42\n");
});

it("rejects the call when no process can be spawned", () => {
  const broken = `
    import { rejects } from "node:assert/strict";
    import { ProcessPoolExecutor } from ${JSON.stringify(workers)};
    process.execPath = "/nowhere/node";
    const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    await rejects(pool.submit((value) => value, 1), (error) => error.code === "ERR_OFFLOOP_WORKER_START" && error.cause.code === "ENOENT");
    await pool.shutdown();
    console.log("rejected");
  `;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", broken], { encoding: "utf8", timeout: 30_000 })).toBe("rejected\n");
});
