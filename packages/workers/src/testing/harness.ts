// The tools of the contract suites: an executor of the kind under test, which each test makes and which is shut down
// after the test; capabilities; and functions that wait for conditions.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { PoolOptions } from "../dispatch/pool-options.js";
import type { Executor } from "../executor/executor.js";
import * as calls from "./fixtures/calls.js";

/** The capabilities that an executor may lack: `true`, or the reason why it lacks one. */
export interface Capabilities {
  /** Calls run on workers, and not on the caller's thread. Without it, only `syncWayBack` is read of the other capabilities. */
  readonly workers: true | string;
  /** Each worker is a separate process: an exit names the signal, and a crash in native code ends no other worker. */
  readonly ownProcess?: true | string;
  /** A `SharedArrayBuffer` is the same memory on both sides. */
  readonly sharedMemory?: true | string;
  /** Marked objects move: buffers leave the sender, and ports arrive. */
  readonly transfer?: true | string;
  /** A function that no module exports travels as its code. */
  readonly code?: true | string;
  /** `fromThread.sync` waits for the calling thread. */
  readonly syncWayBack: true | string;
  /** The pool takes `env` and `execArgv`. */
  readonly nodeOptions?: true | string;
  /** The pool takes `maxHeapBytes`. */
  readonly heapLimit?: true | string;
  /** The output of workers appears on the caller's stdout and stderr, unless `onOutput` receives it. */
  readonly output?: true | string;
  /** The pool takes `nice`. */
  readonly niceness?: true | string;
}

/** The name of a capability. */
export type Capability = keyof Capabilities;

/** The functions of a test runner, as vitest and node:test have them. */
export interface TestRunner {
  /** Opens a group of tests, which `body` registers at once. */
  describe(title: string, body: () => void): unknown;
  /** Registers a test. It fails if it throws or rejects. */
  it(title: string, test: () => void | Promise<void>): unknown;
  /** Registers a function that runs before each test of the group. */
  beforeEach(hook: () => void | Promise<void>): unknown;
  /** Registers a function that runs after each test of the group. */
  afterEach(hook: () => void | Promise<void>): unknown;
}

/** The executor under test, and the runner. */
export interface Kind extends TestRunner {
  readonly name: string;
  has(capability: Capability): boolean;
  /** Makes an executor that is shut down after the test; by default with one worker. */
  make(options?: PoolOptions): Executor;
  /** A path in a folder of this test. */
  file(name: string): string;
  /** The path of the module that makes such an executor by its default export. */
  readonly module: string;
}

/** Adds tests that need these capabilities. refusals.ts tests an executor that lacks one of them. */
export type DefineSuite = (needs: readonly Capability[], body: (kind: Kind) => void) => unknown;

/** Keeps a worker busy until `release` is called. Resolves when the worker is busy. */
export async function hold(executor: Executor, kind: Pick<Kind, "file">): Promise<{ running: Promise<string>; release(): void }> {
  const begun = kind.file("begun");
  const gate = kind.file("gate");
  const running = executor.submit(calls.marksAndWaits, begun, gate) as Promise<string>;
  running.catch(() => {});
  await until(() => existsSync(begun));
  return { running, release: () => writeFileSync(gate, "") };
}

/** Resolves when the condition holds. Checks it every millisecond. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The next uncaught exceptions of this process, which reach no other listener until then. */
export async function uncaught(count: number): Promise<Error[]> {
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const errors: Error[] = [];
  const listen = (error: Error): void => void errors.push(error);
  process.on("uncaughtException", listen);
  try {
    await until(() => errors.length >= count);
    return errors;
  } finally {
    process.off("uncaughtException", listen);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
}

/** The error that a promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<any> {
  return promise.then(
    (value) => {
      throw new Error(`fulfilled with ${String(value)} instead of rejecting`);
    },
    (error: unknown) => error,
  );
}

/** Runs a program of the fixtures with an executor of the kind. @param module the module that makes the executor @returns the output of the program */
export async function runProgram(name: string, module: string): Promise<string> {
  const path = fileURLToPath(new URL(`./fixtures/${name}.js`, import.meta.url));
  return (await promisify(execFile)(process.execPath, [path, module], { encoding: "utf8", timeout: 20_000 })).stdout;
}

/** The items of an async iterable, as an array. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Makes the kind, with clean-up after each test. Call it within `describe`. */
export function makeKind(name: string, module: URL, makeExecutor: (options: PoolOptions) => Executor, capabilities: Capabilities, runner: TestRunner): Kind {
  const made: Executor[] = [];
  const folders: string[] = [];
  runner.afterEach(async () => {
    await Promise.all(made.splice(0).map((executor) => executor.shutdown({ cancelPending: true, timeoutMs: 0 })));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const { describe, it, beforeEach, afterEach } = runner;
  return {
    describe,
    it,
    beforeEach,
    afterEach,
    name,
    module: module.href,
    has: (capability) => capabilities[capability] === true,
    make(options = { maxWorkers: 1 }) {
      const executor = makeExecutor(options);
      made.push(executor);
      return executor;
    },
    file(path) {
      const folder = mkdtempSync(join(tmpdir(), "offloop-"));
      folders.push(folder);
      return join(folder, path);
    },
  };
}
