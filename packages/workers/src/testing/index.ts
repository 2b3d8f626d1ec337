/// <reference types="node" preserve="true" />
// The contract of executors as tests, for authors of executors. It has its own assertions, and takes the functions of
// a test runner: of vitest, of node:test, or of any runner with the same names.
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
  /** The title above the tests. */
  readonly name: string;
  /**
   * Makes an executor with these options. Each test makes its own executor, which is shut down when the test ends.
   * The workers must see the files of this machine, because the functions of the suite write to its temporary folder.
   */
  make(options: PoolOptions): Executor;
  /** A module whose default export is `make`. Some tests run a separate program with it. */
  readonly module: URL;
  /**
   * For each capability `true`, or the reason why the executor lacks it. The reason becomes the title of a test, which
   * checks that the executor refuses the feature by name. If `workers` is `true`, every capability must be stated.
   */
  readonly capabilities: Capabilities;
  /** The suites to define: `submit`, `errors`, `map`, … @default all of them */
  readonly only?: readonly string[] | undefined;
}

/**
 * Defines the tests of the contract for one executor.
 * @throws InvalidArgumentError a capability has neither `true` nor a reason; `only` names an unknown suite
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
  if (undeclared.length > 0) throw new InvalidArgumentError(`The capabilities of ${name} do not state ${undeclared.join(", ")}. Set each to true, or to the reason why the executor lacks it.`);
  for (const each of only ?? []) if (!Object.hasOwn(suites, each)) throw new InvalidArgumentError(`\`only\` of ${name} names the unknown suite ${each}. The suites are ${Object.keys(suites).join(", ")}.`);
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
