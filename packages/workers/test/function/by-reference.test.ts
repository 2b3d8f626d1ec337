// Functions that a module exports travel as the module's URL and the property path of the export.
import { Session } from "node:inspector";
import { createRequire } from "node:module";
import { gzipSync, gunzipSync } from "node:zlib";
import { runInThisContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { InvalidArgumentError } from "#workers/executor/errors.js";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { Traveller } from "./travel.js";

const at = (file: string) => new URL(`../fixtures/function/${file}`, import.meta.url);
const esm = await import(at("exports.mjs").href);
const cjs = createRequire(import.meta.url)("../fixtures/function/exports.cjs");
const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

describe("a function exported by an ECMAScript module", () => {
  it("is found under its export name", async () => {
    expect(await locateFunction(esm.add)).toEqual({ payload: { kind: "reference", module: at("exports.mjs").href, export: "add", loader: "import", name: "add" } });
    expect(await traveller.run(esm.add, 2, 3)).toBe(5);
  });

  it("is located once; later calls do not wait", async () => {
    const first = await locateFunction(esm.add);
    expect(locateFunction(esm.add)).toBe(first);
  });

  it("is found as the default export and under another name", async () => {
    expect(await traveller.run(esm.default, "x")).toBe("default x");
    expect(await traveller.run(esm.negate, 4)).toBe(-4);
  });

  it("may be async or a generator", async () => {
    expect(await traveller.run(esm.later, 7)).toBe(7);
    expect(await traveller.run(esm.upTo, 3)).toEqual([0, 1, 2]);
  });

  it("does not load its module again on this side, and loads it once in the worker", async () => {
    const before = esm.loads();
    expect(await traveller.run(esm.loads)).toBe(1);
    expect(esm.loads()).toBe(before);
  });

  it("keeps the query of its module's URL", async () => {
    const { add } = await import(`${at("exports.mjs").href}?variant=1`);
    expect(await locateFunction(add)).toMatchObject({ payload: { module: `${at("exports.mjs").href}?variant=1` } });
    expect(await traveller.run(add, 1, 1)).toBe(2);
  });

  it("may come from a data: URL", async () => {
    const { shout } = await import(String("data:text/javascript,export const shout = (s) => s.toUpperCase()"));
    expect(await traveller.run(shout, "a")).toBe("A");
  });
});

describe("many simultaneous calls of a function whose module is not yet known", () => {
  it("share one lookup, and read constant variables only a few times", async () => {
    const { withHelper } = await import(String("data:text/javascript,const helper = (n) => n + 1; export const withHelper = (n) => helper(n)"));
    const count = 1_000;
    const { located, posts } = countingPosts(() => Array.from({ length: count }, () => locateFunction(withHelper)));
    expect(new Set(await Promise.all(located)).size).toBe(1);
    expect(posts).toBeLessThan(count / 4);
  });

  it("each see the values at the moment of the call", async () => {
    const { give, set } = await import(String("data:text/javascript,let held = 0; const hidden = () => held; export const give = () => hidden; export const set = (to) => { held = to; }"));
    const hidden = give();
    const located = await Promise.all(Array.from({ length: 30 }, (_, index) => {
      set(index);
      return locateFunction(hidden);
    }));
    for (const [index, each] of located.entries()) expect(await traveller.runLocated(each, [])).toBe(index);
  });
});

/** What `fn` returns, and how often the inspector was asked for it. */
function countingPosts<T>(fn: () => T): { located: T; posts: number } {
  const { post } = Session.prototype;
  let posts = 0;
  Session.prototype.post = function (this: Session, ...args: unknown[]) {
    posts += 1;
    return Reflect.apply(post, this, args) as void;
  } as typeof post;
  try {
    return { located: fn(), posts };
  } finally {
    Session.prototype.post = post;
  }
}

describe("a method", () => {
  it("of an exported object keeps its this", async () => {
    expect(await traveller.run(esm.api.plus, 5)).toBe(15);
    expect(await traveller.run(esm.api.v1.twice, 5)).toBe(10);
  });

  it("of an exported class's statics keeps its this", async () => {
    expect(await traveller.run(esm.Parser.parse, "a")).toBe("#a");
  });

  it("of an exported instance keeps its this, also where it comes from the prototype", async () => {
    expect(await traveller.run(esm.counter.next, 5)).toBe(105);
  });
});

describe("a function of CommonJS", () => {
  it("is found as module.exports itself, as a property, as a method", async () => {
    expect(await locateFunction(cjs)).toMatchObject({ payload: { loader: "require", export: "" } });
    expect(await traveller.run(cjs, 1)).toBe("root 1");
    expect(await traveller.run(cjs.leaf, 2)).toBe("leaf 2");
    expect(await traveller.run(cjs.tools.use, 3)).toBe("tools 3");
  });
});

describe("a function of the platform", () => {
  it("travels by its name", async () => {
    expect(await traveller.run(JSON.parse as (text: string) => unknown, '{"a":1}')).toEqual({ a: 1 });
    expect(gunzipSync((await traveller.run(gzipSync as (text: string) => Uint8Array, "text")) as Uint8Array).toString()).toBe("text");
  });
});

describe("what is refused", () => {
  const rejection = (value: unknown) => Promise.resolve(locateFunction(value as never)).then(() => undefined, (error: unknown) => error as Error);

  it("a value that is no function", async () => {
    for (const value of [undefined, null, 3, "render", {}]) expect(await rejection(value)).toBeInstanceOf(InvalidArgumentError);
    expect((await rejection("render"))?.message).toContain('"render"');
  });

  it("a method that two exported objects share and that uses this", async () => {
    const { left } = await import(at("twins.mjs").href);
    expect((await rejection(left.next))?.message).toMatch(/both left\.next and nested\.right\.next/);
    expect(await traveller.run(left.plain, 1)).toBe(2);
  });

});

describe("code that only claims the name of a file", () => {
  it("does not count as that file's module, which is not loaded either", async () => {
    const fn = runInThisContext("(function impostor(x) { return x + 1; })", { filename: at("never-loaded.cjs").href });
    expect((await locateFunction(fn)).payload.kind).toBe("value");
    expect(await traveller.run(fn as (x: number) => number, 1)).toBe(2);
  });
});

describe("the worker side", () => {
  it("names the module that cannot be loaded", async () => {
    const missing = { kind: "reference", module: at("nowhere.mjs").href, export: "run", loader: "import", name: "run" } as const;
    await expect(traveller.runLocated({ payload: missing }, [])).rejects.toThrow(/could not load .*nowhere\.mjs, which exports run/);
  });

  it("lists the module's exports if the export is missing", async () => {
    const wrong = { kind: "reference", module: at("exports.mjs").href, export: "api.minus", loader: "import", name: "minus" } as const;
    await expect(traveller.runLocated({ payload: wrong }, [])).rejects.toThrow(/api of .*exports\.mjs has no minus in the worker .*it has base, plus, v1/);
  });

  it("names an export that is no function", async () => {
    const wrong = { kind: "reference", module: at("exports.mjs").href, export: "api.base", loader: "import", name: "base" } as const;
    await expect(traveller.runLocated({ payload: wrong }, [])).rejects.toThrow(/api\.base of .* is no function in the worker, but of type number/);
  });
});
