// Finds the Python for the benchmarks of asyncio.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** CPython 3.13 if it is installed, otherwise `python3`. */
export function findPython(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const candidates = env["OFFLOOP_PYTHON"] === undefined ? ["python3.13", ...pyenv(env), "python3"] : [env["OFFLOOP_PYTHON"]];
  return candidates.find(runs);
}

function pyenv(env: NodeJS.ProcessEnv): string[] {
  const versions = join(env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  try {
    return readdirSync(versions).filter((version) => version.startsWith("3.13")).map((version) => join(versions, version, "bin", "python3"));
  } catch {
    return [];
  }
}

/** Whether the command runs. A pyenv shim can exist without a Python behind it. */
function runs(python: string): boolean {
  try {
    execFileSync(python, ["-c", "import asyncio"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
