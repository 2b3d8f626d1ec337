// Functions in the output of compilers travel like hand-written ones: each case has the same result in the
// worker as in place.
import { afterAll, describe, expect, it } from "vitest";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { Traveller } from "./travel.js";

type AnyFunction = (...args: unknown[]) => unknown;

const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

const args: Record<string, unknown[]> = {
  arrow: [5],
  data: ["two"],
  asyncFunction: [4],
  asyncArrow: [4],
  generator: [3],
  asyncGenerator: [3],
  forAwait: [4],
  classes: [5],
  statics: [6],
  defaults: [1, { b: 9 }, 7, 8],
  builtins: ["/tmp/file.txt"],
  optional: [{ deep: { x: 2 } }],
  spread: [{ three: 3 }],
  template: ["name"],
  closure: [1],
};

const files = ["typescript-es5.cjs", "typescript-es2015.mjs", "typescript-es2022.mjs", "esbuild-es2017.cjs", "esbuild-minified.mjs", "swc-es5.cjs", "swc-es2018.mjs"];

describe.each(files)("the output of %s", async (file) => {
  const module = (await import(new URL(`../fixtures/function/compiled/${file}`, import.meta.url).href)) as { cases: Record<string, () => AnyFunction> };
  // ES5 has no private fields: compilers keep them in a WeakMap beside the class, which cannot be listed.
  const refused = new Set(file.includes("es5") || file.includes("es2015") || file.includes("es2017") || file.includes("es2018") || file.includes("minified") ? ["privateField"] : []);

  it.each(Object.keys(module.cases).filter((name) => !refused.has(name)))("%s", async (name) => {
    const fn = (module.cases[name] as () => AnyFunction)();
    expect((await locateFunction(fn)).payload.kind).toBe("value");
    expect(await traveller.run(fn, ...(args[name] ?? []))).toEqual(await settle(fn(...(args[name] ?? []))));
  });

  it.each([...refused])("%s is refused with the reason", async (name) => {
    const fn = (module.cases[name] as () => AnyFunction)();
    await expect(Promise.resolve(locateFunction(fn))).rejects.toThrow(/captures [\w$]+ \(declared at .*:\d+:\d+\), a WeakMap, whose entries cannot be listed/);
  });
});

async function settle(result: unknown): Promise<unknown> {
  const value: unknown = await result;
  if (typeof (value as { next?: unknown } | undefined)?.next !== "function") return value;
  const all: unknown[] = [];
  for await (const each of value as AsyncIterable<unknown>) all.push(each);
  return all;
}
