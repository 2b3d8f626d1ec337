// The tests run against the built packages, loaded by Node itself: what ships is what is tested,
// worker entries included. `npm test` builds first.
import { configDefaults, defineConfig } from "vitest/config";

/**
 * Programs that a watchdog watches must have the processor to themselves: their tests run after the
 * others, one file at a time, and once more where the machine was busy with something else.
 */
const watched = "test/watchdog/**/*.test.ts";

const project = (name: string, root: string, test: object) => ({ extends: true as const, test: { name, root, ...test } });

export default defineConfig({
  test: {
    server: { deps: { external: [/\/dist\//, /\/fixtures\//] } },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    projects: [
      project("house", ".", { include: ["test/**/*.test.ts"] }),
      project("workers", "packages/workers", { include: ["test/**/*.test.ts"] }),
      project("core", "packages/core", { include: ["test/**/*.test.ts"], exclude: [...configDefaults.exclude, watched] }),
      project("examples", "examples", { include: ["*/test/**/*.test.ts"] }),
      project("watchdog", "packages/core", { include: [watched], maxWorkers: 1, fileParallelism: false, retry: 2, sequence: { groupOrder: 1 } }),
    ],
  },
});
