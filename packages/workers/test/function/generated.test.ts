// A generated closure or value has the same result in a worker as in place.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { generatedProgram } from "./generated-closures.js";
import { Traveller } from "./travel.js";

/** On a busy machine each property tries fewer programs, because a test may take 30 seconds. In milliseconds. */
const LONGEST_MS = 8_000;

type AnyFunction = (...args: unknown[]) => unknown;

const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

describe("generated programs", () => {
  it("give the same result in a worker as in place", async () => {
    let serial = 0;
    // Ten to a module: V8 takes a look at each new script, which is the slow part.
    const batch = fc.array(generatedProgram, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(batch, fc.jsonValue({ maxDepth: 1 }), async (programs, argument) => {
        const text = `export const makers = [${programs.join(",\n")}];\n// ${serial++}`;
        const { makers } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { makers: (() => AnyFunction)[] };
        // The same in sloppy mode, and in no module.
        const sloppy = programs.slice(0, 3).map((program) => new Function(`return ${program}`)() as () => AnyFunction);
        for (const make of [...makers, ...sloppy]) {
          const root = make();
          expect((await locateFunction(root)).payload.kind).toBe("value");
          expect(await traveller.run(root, argument)).toEqual(await settle(make()(argument)));
        }
      }),
      { numRuns: 30, interruptAfterTimeLimit: LONGEST_MS },
    );
  });
});

describe("generated values", () => {
  it("arrive unchanged when they are captured", async () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withBoxedValues: true });
    const { capture } = (await import(String("data:text/javascript,export const capture = (value) => () => value"))) as { capture: (value: unknown) => AnyFunction };
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        expect(await traveller.run(capture(value))).toEqual(structuredClone(value));
      }),
      { numRuns: 150, interruptAfterTimeLimit: LONGEST_MS },
    );
  });

  it("keep their identity and their cycles beside captured functions", async () => {
    const graph = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 12 });
    const { capture } = (await import(
      String("data:text/javascript,export const capture = (nodes, check, other) => () => [check(nodes), other.node === nodes[3], other.tag()]")
    )) as { capture: (...values: unknown[]) => AnyFunction };
    await fc.assert(
      fc.asyncProperty(graph, fc.boolean(), async (edges, withFunction) => {
        const nodes = Array.from({ length: 10 }, (_, id) => ({ id, to: [] as unknown[], ...(withFunction && { self: () => id }) }));
        for (const [from, to] of edges) nodes[from]?.to.push(nodes[to]);
        // Each node that is met on the way has to be the one that stands in the list.
        const check = (all: typeof nodes): unknown => all.map((node) => node.to.map((next) => [all.indexOf(next as (typeof nodes)[0]), node.self?.()]));
        const other = { node: nodes[3], tag: () => "end" };
        expect(await traveller.run(capture(nodes, check, other))).toEqual([check(nodes), true, "end"]);
      }),
      { numRuns: 100, interruptAfterTimeLimit: LONGEST_MS },
    );
  });
});

async function settle(result: unknown): Promise<unknown> {
  const value: unknown = await result;
  if (typeof (value as { next?: unknown } | undefined)?.next !== "function") return value;
  const all: unknown[] = [];
  for await (const each of value as AsyncIterable<unknown>) all.push(each);
  return all;
}
