// The priority of workers in a program that has one of its own, and where the system allows none.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../fixtures/tells-priorities.mjs", import.meta.url));

const forbidden = "data:text/javascript," + encodeURIComponent('import os from "node:os"; import { syncBuiltinESMExports } from "node:module"; os.setPriority = () => { throw Object.assign(new Error("no"), { code: "EPERM" }); }; syncBuiltinESMExports();');

/** What the program prints, run at a nice value. */
const runAt = (nice: number, options = ""): string => execFileSync("nice", ["-n", String(nice), process.execPath, program], { encoding: "utf8", timeout: 30_000, env: { ...process.env, NODE_OPTIONS: options } });

it.runIf(process.platform === "linux").each([[10, "15,15\n"], [17, "19,19\n"]])("adds nice to a program's own value of %i, up to the lowest priority", (nice, answers) => {
  expect(runAt(nice)).toBe(answers);
});

it.runIf(process.platform === "linux")("runs calls where no priority may be changed", () => {
  expect(runAt(3, `--import=${forbidden}`)).toBe("3,3\n");
});
