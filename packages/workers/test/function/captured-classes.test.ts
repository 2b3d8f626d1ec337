// Captured values whose classes were changed at run time, or extend classes of the platform: right, or refused with
// the path.
import { afterAll, describe, expect, it } from "vitest";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { refused, travels } from "../fixtures/function/captured-classes.mjs";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";

describe.each([["threads", ThreadPoolExecutor], ["processes", ProcessPoolExecutor]] as const)("%s", (_kind, Pool) => {
  const pool = new Pool({ maxWorkers: 1 });
  afterAll(() => pool.shutdown());

  for (const [what, fn] of Object.entries(travels())) {
    it(`gives what ${what} gives in place`, async () => {
      expect(await locateFunction(fn as () => unknown)).toMatchObject({ payload: { kind: "value" } });
      expect(await pool.submit(fn as () => unknown)).toEqual((fn as () => unknown)());
    });
  }
});

it.each(Object.entries(refused()))("%s, of a class that extends one of the platform, or with properties of its own, is refused with its path", async (name, fn) => {
  const error: unknown = await Promise.resolve(locateFunction(fn as () => unknown)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "FunctionTravelError", message: expect.stringMatching(new RegExp(`captures ${name} \\(declared.*(extends a class of the platform|with the property)`)) as string });
});
