// Binds a test of ours to the tests of CPython whose behaviour it restates, by their names. The ledger
// in docs/conformance.md is counted from these calls, so the names are written out in place.
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

/** What a promise is rejected with. @throws Error it was fulfilled */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`Expected a rejection; got ${String(value)}`);
}

/** What a function throws. @throws Error it returned */
export function thrown(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected it to throw");
}
