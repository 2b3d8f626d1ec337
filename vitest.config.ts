// The tests run against the built packages, loaded by Node itself: what ships is what is tested,
// worker entries included. `npm test` builds first.
import { defineConfig } from "vitest/config";

const project = (name: string, root = `packages/${name}`, include = "test/**/*.test.ts") => ({
  extends: true as const,
  test: { name, root, include: [include] },
});

export default defineConfig({
  test: {
    server: { deps: { external: [/\/dist\//, /\/fixtures\//] } },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    projects: [project("workers"), project("core"), project("examples", "examples", "*/test/**/*.test.ts")],
  },
});
