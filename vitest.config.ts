// The tests run against the built packages, loaded by Node itself: what ships is what is tested,
// worker entries included. `npm test` builds first.
import { defineConfig } from "vitest/config";

const project = (name: string, root: string, test: object) => ({ extends: true as const, test: { name, root, ...test } });

export default defineConfig({
  test: {
    server: { deps: { external: [/\/dist\//, /\/fixtures\//] } },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    // Each test runs in CI beside others on few cores. A retry is shown in the report.
    retry: process.env["CI"] === undefined ? 0 : 1,
    projects: [
      project("house", ".", { include: ["test/**/*.test.ts"] }),
      project("workers", "packages/workers", { include: ["test/**/*.test.ts"], exclude: ["test/types/**"] }),
      project("core", "packages/core", { include: ["test/**/*.test.ts"], exclude: ["test/types/**"] }),
      project("remote", "packages/remote", { include: ["test/**/*.test.ts"], exclude: ["test/contract/**"] }),
      // The contract of executors over hosts. The pools of the hosts have it on each version of Node already.
      project("house-hosts", "packages/remote", { include: ["test/contract/**/*.test.ts"] }),
      project("nest", "packages/nest", { include: ["test/**/*.test.ts"] }),
      project("fastify", "packages/fastify", { include: ["test/**/*.test.ts"] }),
      project("http", "packages/http", { include: ["test/**/*.test.ts"] }),
      project("opentelemetry", "packages/opentelemetry", { include: ["test/**/*.test.ts"] }),
      project("bullmq", "packages/bullmq", { include: ["test/**/*.test.ts"], exclude: ["test/contract/**", "test/transport/faults.test.ts", "test/guide.test.ts"] }),
      // The contract over hosts, what is lost with hosts and Redis, and the commands of the guide, by the transport on Redis.
      project("house-redis", "packages/bullmq", { include: ["test/contract/**/*.test.ts", "test/transport/faults.test.ts", "test/guide.test.ts"] }),
      project("nats", "packages/nats", { include: ["test/**/*.test.ts"], exclude: ["test/contract/**", "test/transport/faults.test.ts"] }),
      // The contract over hosts, and what is lost with hosts and NATS, by the transport on NATS.
      project("house-nats", "packages/nats", { include: ["test/contract/**/*.test.ts", "test/transport/faults.test.ts"] }),
      project("prometheus", "packages/prometheus", { include: ["test/**/*.test.ts"] }),
      project("offloop", "packages/offloop", { include: ["test/**/*.test.ts"], exclude: ["test/docs/**"] }),
      // What compilers and editors say of calls, and the programs of the docs.
      project("house-types", ".", { include: ["packages/*/test/types/**/*.test.ts"] }),
      project("house-docs", "packages/offloop", { include: ["test/docs/**/*.test.ts"] }),
      project("examples", "examples", { include: ["*/test/**/*.test.ts"], exclude: ["{graphql,next,trpc}/test/**"] }),
      // What frameworks make of requests that go away and of errors. The packages that the examples use have their tests on each version.
      project("house-frameworks", "examples", { include: ["{graphql,next,trpc}/test/**/*.test.ts"], hookTimeout: 240_000 }),
      // Programs that a watchdog watches must have the processor to themselves: their tests run after the
      // others, one file at a time, and once more when the machine was busy with something else.
      project("watchdog", "packages/watchdog", { include: ["test/**/*.test.ts"], exclude: ["test/page/**", "test/outside/without-proc.test.ts"], maxWorkers: 1, fileParallelism: false, retry: 2, sequence: { groupOrder: 1 } }),
      // The live page in a browser, and what replaces /proc, which no version of Node changes.
      project("house-page", "packages/watchdog", { include: ["test/page/**/*.test.ts", "test/outside/without-proc.test.ts"], maxWorkers: 1, fileParallelism: false, retry: 2, testTimeout: 90_000, sequence: { groupOrder: 2 } }),
      // The site of the documentation, built and opened in a browser.
      project("house-site", "site", { include: ["test/**/*.test.ts"], hookTimeout: 300_000, testTimeout: 120_000 }),
    ],
  },
});
