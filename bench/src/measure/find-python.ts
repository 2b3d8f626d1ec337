// Which Python asyncio is measured on.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** CPython 3.13 where there is one, else whatever `python3` is. */
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

/** A shim of that name may lead nowhere. */
function runs(python: string): boolean {
  try {
    execFileSync(python, ["-c", "import asyncio"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
