// Finds a CPython 3.13, whose asyncio is the oracle: OFFLOOP_PYTHON, python3.13 on the PATH, or pyenv's.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** @returns the interpreter's path; `undefined` if none was found */
export function findPython(env = process.env) {
  return candidates(env).find(isPython313);
}

function candidates(env) {
  if (env.OFFLOOP_PYTHON !== undefined) return [env.OFFLOOP_PYTHON];
  const onPath = (env.PATH ?? "").split(delimiter).filter(Boolean).map((folder) => join(folder, "python3.13"));
  return [...onPath, ...[env.PYENV_ROOT, join(homedir(), ".pyenv")].flatMap(pyenvVersions)].filter(existsSync);
}

function pyenvVersions(root) {
  if (root === undefined || !existsSync(join(root, "versions"))) return [];
  return readdirSync(join(root, "versions"))
    .filter((version) => /^3\.13(\.|$)/.test(version))
    .map((version) => join(root, "versions", version, "bin", "python3.13"));
}

/** Whether the command is CPython 3.13. A pyenv shim may start another version, or fail. */
function isPython313(path) {
  try {
    return execFileSync(path, ["-c", "import sys; print(sys.implementation.name, *sys.version_info[:2])"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() === "cpython 3 13";
  } catch {
    return false;
  }
}
