/// <reference types="node" preserve="true" />
// The contract of executors as tests, for the author of one. It brings its own assertions, and takes the
// functions of the test runner: vitest's, node:test's, or any with the same names.
import type { PoolOptions } from "../dispatch/pool-options.js";
import { InvalidArgumentError } from "../executor/errors.js";
import type { Executor } from "../executor/executor.js";
import { type Capabilities, type DefineSuite, type Kind, makeKind, type TestRunner } from "./harness.js";
import { cancelSuite } from "./suites/cancel.js";
import { contextSuite } from "./suites/context.js";
import { crashSuite } from "./suites/crash.js";
import { errorsSuite } from "./suites/errors.js";
import { fieldSuite } from "./suites/field.js";
import { fromThreadSuite } from "./suites/from-thread.js";
import { limiterSuite } from "./suites/limiter.js";
import { mapSuite } from "./suites/map.js";
import { poolSuite } from "./suites/pool.js";
import { readySuite } from "./suites/ready.js";
import { refusals } from "./suites/refusals.js";
import { shutdownSuite } from "./suites/shutdown.js";
import { streamSuite } from "./suites/stream.js";
import { submitSuite } from "./suites/submit.js";
import { workerLifeSuite } from "./suites/worker-life.js";

export type { Capabilities, Capability, TestRunner } from "./harness.js";

const suites: Readonly<Record<string, (suite: DefineSuite) => void>> = {
  submit: submitSuite,
  errors: errorsSuite,
  map: mapSuite,
  stream: streamSuite,
  cancel: cancelSuite,
  crash: crashSuite,
  shutdown: shutdownSuite,
  ready: readySuite,
  limiter: limiterSuite,
  context: contextSuite,
  "from-thread": fromThreadSuite,
  pool: poolSuite,
  "worker-life": workerLifeSuite,
  field: fieldSuite,
};

/** An executor under test. */
export interface ExecutorUnderTest {
  /** What the tests are listed under. */
  readonly name: string;
  /**
   * Makes an executor with these options. Each test makes its own, and it is shut down when the test ends.
   * The workers must see the files of this machine: the functions of the suite leave marks in its temporary folder.
   */
  make(options: PoolOptions): Executor;
  /** A module whose default export is `make`: some tests run a program of their own with it. */
  readonly module: URL;
  /**
   * `true` for what the executor has; for what it lacks, the reason, which becomes a test's title. That test
   * proves that the executor refuses it by name. An executor whose `workers` is `true` states each of them.
   */
  readonly capabilities: Capabilities;
  /** The suites to define: `submit`, `errors`, `map`, … @default all of them */
  readonly only?: readonly string[] | undefined;
}

/**
 * Defines the tests of the contract for one executor.
 * @throws InvalidArgumentError a capability is neither declared nor given a reason; `only` names a suite that there is not
 * @example
 * import { afterEach, beforeEach, describe, it } from "node:test";
 * import { describeExecutor } from "@offloop/workers/testing";
 * describeExecutor({ describe, it, beforeEach, afterEach }, {
 *   name: "tcp",
 *   make: (options) => new TcpExecutor(options),
 *   module: new URL("./make.js", import.meta.url),
 *   capabilities: { workers: true, ownProcess: true, code: true, transfer: "a socket carries copies", … },
 * });
 */
export function describeExecutor(runner: TestRunner, executor: ExecutorUnderTest): void {
  const { name, make, module, capabilities, only } = executor;
  const undeclared = capabilities.workers === true ? known.filter((each) => capabilities[each] !== true && typeof capabilities[each] !== "string") : [];
  if (undeclared.length > 0) throw new InvalidArgumentError(`${name}: say whether it has ${undeclared.join(", ")}: true, or the reason why not.`);
  for (const each of only ?? []) if (!Object.hasOwn(suites, each)) throw new InvalidArgumentError(`${name}: there is no suite ${each} (there are ${Object.keys(suites).join(", ")}).`);
  runner.describe(name, () => {
    for (const [title, define] of Object.entries(suites)) {
      if (only !== undefined && !only.includes(title)) continue;
      const bodies: ((kind: Kind) => void)[] = [];
      define((needs, body) => needs.every((each) => capabilities[each] === true) && bodies.push(body));
      if (bodies.length === 0) continue;
      runner.describe(title, () => {
        const kind = makeKind(name, module, make, capabilities, runner);
        for (const body of bodies) body(kind);
      });
    }
    if (only !== undefined || known.every((each) => typeof capabilities[each] !== "string")) return;
    runner.describe("what it does not have", () => refusals(makeKind(name, module, make, capabilities, runner), capabilities));
  });
}

const known = ["workers", "ownProcess", "sharedMemory", "transfer", "code", "syncWayBack", "nodeOptions", "heapLimit", "niceness", "output"] as const satisfies readonly (keyof Capabilities)[];
