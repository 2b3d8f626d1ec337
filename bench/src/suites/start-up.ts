// The cost of starting and closing a pool. Each round starts a program that loads the pool's module, makes
// a first call, starts more workers, and closes the pool.
import { execFile, type ExecFileException } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Sample, Suite } from "./suite.js";

const probe = fileURLToPath(new URL("../measure/start-probe.js", import.meta.url));

/** A program that has not ended after this time has hung. It takes half a second at most. */
const HUNG_MS = 30_000;

export const suite: Suite = {
  id: "start-up",
  title: "Start and end",
  about: "A fresh program each time: from its first line to the pool's module loaded; to the first result; resident memory of each of three further workers; closing four.",
  contenders: ["offloop", "offloop-to-thread", "offloop-install", "piscina", "tinypool", "workerpool", "poolifier", "threads", "jest-worker", "raw", "offloop-processes", "raw-fork"],
  metrics: [
    { id: "import", title: "import", unit: "ms", better: "lower" },
    { id: "first", title: "import to first result", unit: "ms", better: "lower" },
    { id: "memory", title: "memory a worker", unit: "MB", better: "lower" },
    { id: "close", title: "close of four", unit: "ms", better: "lower" },
  ],
  async open(_contender, _effort, key) {
    return {
      async round() {
        const { stdout } = await promisify(execFile)(process.execPath, [probe, key], { timeout: HUNG_MS, killSignal: "SIGKILL" }).catch((error: ExecFileException) => {
          throw new Error(error.killed ? `its program had not ended after ${HUNG_MS / 1_000} seconds` : `its program failed: ${error.stderr}`);
        });
        return JSON.parse(stdout) as Sample;
      },
      close: async () => {},
    };
  },
};
