// Whole programs, each in its own process: functions of the entry module, of modules that are still being
// evaluated, behind loaders, and without an inspector.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const at = (file: string) => fileURLToPath(new URL(`../fixtures/function/programs/${file}`, import.meta.url));

async function program(args: string[], env: Record<string, string> = {}): Promise<{ results: unknown[]; stderr: string }> {
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: "", NODE_DEBUG: "", ...env }, cwd: at(".") });
  return { results: JSON.parse(stdout.trim().split("\n").at(-1) as string) as unknown[], stderr };
}

describe("functions of the entry module", () => {
  it("travel as code, exported or not, and the program runs once", async () => {
    expect((await program([at("entry.mjs")])).results).toEqual([[42, false, 0], "string", 3]);
  });

  it("are recognised by any name of the program", async () => {
    expect((await program(["../programs/entry.mjs"])).results).toEqual([[42, false, 0], "string", 3]);
  });

  it("travel from CommonJS, with require, __filename, exports and sloppy mode", async () => {
    expect((await program([at("entry.cjs")])).results).toEqual([42, "entry.cjs", "global", "leaf x14", "hello youroot 1"]);
  });

  it("travel from --eval", async () => {
    const code = `
      import { ThreadPoolExecutor } from "@offloop/workers";
      const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      const two = 2;
      console.log(JSON.stringify([await pool.submit((x) => x * two, 4)]));
      await pool.shutdown();`;
    expect((await program(["--input-type=module", "--eval", code])).results).toEqual([8]);
  });
});

describe("functions of other modules", () => {
  it("travel as code while their module is in its top-level await", async () => {
    expect((await program([at("imports-waiting.mjs")])).results).toEqual([42]);
  });

  it("travel behind a loader that rewrites the source", async () => {
    expect((await program(["--import", at("transforms.mjs"), at("dialect-user.mjs")])).results).toEqual([6, 12, -4]);
  });
});

describe("without an inspector", () => {
  it("inline functions are refused with a hint, and exported ones travel", async () => {
    const permission = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
    const { results } = await program([permission, "--allow-fs-read=*", "--allow-worker", "--allow-addons", "--no-warnings", at("refused.mjs")]);
    expect(results[0]).toMatch(/^ERR_OFFLOOP_FUNCTION_TRAVEL: .* cannot be located, because .*workerModule\(\).*task\(\)/s);
    expect(results[1]).toBe("hello you");
  });
});

describe("debug mode", () => {
  it("warns once for each captured variable that changes", async () => {
    const { results, stderr } = await program([at("changes.mjs")], { NODE_DEBUG: "offloop" });
    expect(results).toEqual([1, 1, 2, 1, 3, 1, 0]);
    expect(stderr.match(/OffloopWarning: read \(.*changes\.mjs:7:\d+\) captures level \(declared at .*changes\.mjs:5:5\), which has changed since the last call/g)).toHaveLength(1);
    expect(stderr.match(/OffloopWarning: write \(.*changes\.mjs:8:\d+\) captures count \(declared at .*changes\.mjs:6:5\), and assigns to it/g)).toHaveLength(1);
  });

  it("is off by default", async () => {
    expect((await program([at("changes.mjs")])).stderr).toBe("");
  });
});
