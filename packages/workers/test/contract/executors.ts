// The executors of this package, for suites that run once for each; the contract itself is in src/testing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Executor, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor, type PoolOptions } from "@offloop/workers";
import { afterEach, describe } from "vitest";

export { hold, rejection, uncaught, until } from "#workers/testing/harness.js";

export interface Kind {
  readonly kind: "thread" | "process" | "inline";
  /** Makes an executor that is shut down after the test. */
  make(options?: PoolOptions): Executor;
  /** A path in a folder of the test's own. */
  file(name: string): string;
}

/** Those with workers of their own. */
export const pools = ["thread", "process"] as const;
export const all = ["thread", "process", "inline"] as const;

/** Runs a suite for each kind of executor, with clean-up. */
export function forEach(kinds: readonly Kind["kind"][], suite: (kind: Kind) => void): void {
  describe.each(kinds)("%s", (kind) => {
    const made: Executor[] = [];
    const folders: string[] = [];
    afterEach(async () => {
      await Promise.all(made.splice(0).map((executor) => executor.shutdown({ cancelPending: true, timeoutMs: 0 })));
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    });
    suite({
      kind,
      make(options = { maxWorkers: 1 }) {
        const executor = kind === "thread" ? new ThreadPoolExecutor(options) : kind === "process" ? new ProcessPoolExecutor(options) : new InlineExecutor();
        made.push(executor);
        return executor;
      },
      file(name) {
        const folder = mkdtempSync(join(tmpdir(), "offloop-"));
        folders.push(folder);
        return join(folder, name);
      },
    });
  });
}
