// restates() names the tests of CPython that a test ports. The table in docs/conformance.md counts these calls by
// their source text, so the names must be string literals.
import { run, VirtualTimeLoop } from "@offloop/core";
import { it } from "vitest";

/**
 * @param module "test_asyncio/test_tasks"
 * @param suite the class there
 * @returns a function like `it`: names without `test_`, with spaces between; a title; a test
 */
export function restates(module: string, suite: string): (names: string, title: string, test: () => unknown) => void {
  return (names, title, test) => it(`${title} [${module.slice(module.indexOf("/") + 1)} ${suite} ${names}]`, async () => void (await test()));
}

/** A test that runs as the main task of a loop of its own, whose time jumps. */
export function inLoop(test: () => unknown): () => Promise<void> {
  return async () => {
    await run(async () => void (await test()), { loopFactory: () => new VirtualTimeLoop() });
  };
}

/** The error that a promise rejects with. @throws Error it was fulfilled */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`Expected a rejection; got ${String(value)}`);
}

/** The error that a function throws. @throws Error it returned */
export function thrown(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected it to throw");
}
