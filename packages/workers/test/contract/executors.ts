// Every executor under its contract: the suites in this folder run once for each.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Executor, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor, type PoolOptions } from "@offloop/workers";
import { afterEach, describe } from "vitest";
import * as calls from "../fixtures/calls.mjs";

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

/** Keeps a worker busy, from the moment that this resolves until `release` is called. */
export async function hold(executor: Executor, kind: Pick<Kind, "file">): Promise<{ running: Promise<string>; release(): void }> {
  const begun = kind.file("begun");
  const gate = kind.file("gate");
  const running = executor.submit(calls.marksAndWaits, begun, gate) as Promise<string>;
  running.catch(() => {});
  await until(() => existsSync(begun));
  return { running, release: () => writeFileSync(gate, "") };
}

/** Resolves when `condition` holds; looks at it at every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The next uncaught exceptions of this process, which are nobody else's until then. */
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
export async function rejection(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    (value) => {
      throw new Error(`fulfilled with ${String(value)} instead of rejecting`);
    },
    (error: unknown) => error,
  );
}
