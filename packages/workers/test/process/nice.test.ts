// The priority of workers in a program that has one of its own, and where the system allows none.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../fixtures/tells-priorities.mjs", import.meta.url));

const forbidden = "data:text/javascript," + encodeURIComponent('import os from "node:os"; import { syncBuiltinESMExports } from "node:module"; os.setPriority = () => { throw Object.assign(new Error("no"), { code: "EPERM" }); }; syncBuiltinESMExports();');

/** The priorities of the program, which is started with a higher nice value than this one, of its thread and of its process. */
const runAt = (more: number, options = ""): number[] => JSON.parse(execFileSync("nice", ["-n", String(more), process.execPath, program], { encoding: "utf8", timeout: 30_000, env: { ...process.env, NODE_OPTIONS: options } })) as number[];

/** Runs the program until its priorities are right: another program may change them meanwhile. */
function expectPriorities(run: () => number[], added: number): void {
  for (let tries = 3; ; tries -= 1) {
    const [own, ...workers] = run();
    const expected = Math.min(19, own! + added);
    if (tries > 0 && workers.some((each) => each !== expected)) continue;
    return expect(workers).toEqual([expected, expected]);
  }
}

it.runIf(process.platform === "linux").each([10, 17])("adds nice to a program's own value (started with %i more), up to the lowest priority", (more) => {
  expectPriorities(() => runAt(more), 5);
});

it.runIf(process.platform === "linux")("runs calls where no priority may be changed", () => {
  expectPriorities(() => runAt(3, `--import=${forbidden}`), 0);
});
