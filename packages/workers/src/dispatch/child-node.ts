// How a child process starts as Node. A single executable application is started in place of Node: it has no options of
// Node but those of NODE_OPTIONS, and runs the program, whose first line (`singleExecutableBanner` of offloop/bundler)
// then runs the entry instead.
import { WorkerStartError } from "../executor/errors.js";
import { otherRuntime } from "../executor/runtime.js";
import type { Environment } from "./node-options.js";

/** The first line of the program sets this variable to the path of the executable. */
const READY = "OFFLOOP_EXECUTABLE";

interface ChildNode {
  readonly execArgv: readonly string[];
  readonly env: Environment;
}

/** @throws WorkerStartError this is Bun */
export function refuseBun(): void {
  if (otherRuntime === "Bun") throw new WorkerStartError("Processes of offloop do not run under Bun, which serializes messages in another way. Use threads: toThread(), a ThreadPoolExecutor, or an actor on a thread.");
}

/** @throws WorkerStartError the executable would run the whole program again, because its first line is missing; or this is Bun */
export function childNode(execArgv: readonly string[], env: Environment): ChildNode {
  refuseBun();
  if (!isExecutable()) return { execArgv, env };
  if (process.env[READY] !== process.execPath) {
    throw new WorkerStartError("A process cannot start: this single executable application would run the whole program again. Put singleExecutableBanner of offloop/bundler before the bundle. In esbuild: banner: { js: singleExecutableBanner }.");
  }
  const options = execArgv.filter((option) => !process.execArgv.includes(option)).map((option) => JSON.stringify(option));
  return { execArgv: [], env: { ...env, NODE_OPTIONS: [env["NODE_OPTIONS"] ?? "", ...options].join(" ") } };
}

function isExecutable(): boolean {
  const sea = process.getBuiltinModule("node:sea") as { isSea(): boolean } | undefined;
  return sea?.isSea() === true;
}
