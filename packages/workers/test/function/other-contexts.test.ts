// Functions of a context of node:vm, where Jest and the vm pools of vitest run tests: its classes of the language are
// others than those of this context.
import { createContext, runInContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { CallTimeoutError, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";

const context = createContext({});
const fns = runInContext(
  `
  const map = new Map([[1, { list: [1, 2] }]]), set = new Set(["a"]), date = new Date(5), pattern = /x/g, error = new TypeError("t"), parse = JSON.parse;
  class OwnError extends RangeError { code = "E_OWN"; }
  class Point { constructor(x) { this.x = x; } double() { return 2 * this.x; } }
  const point = new Point(4);
  const failing = (make) => () => { throw make(); };
  ({
    captures: () => [map.get(1).list.length, set.has("a"), date.getTime(), pattern.test("x"), error instanceof TypeError && error.message, parse("3"), point.double(), map instanceof Map],
    typeError: failing(() => new TypeError("bad")),
    ownError: failing(() => new OwnError("bad")),
    aggregate: failing(() => new AggregateError([new SyntaxError("one")], "all")),
    thrown: (value) => { throw value; },
    endless: () => { for (;;); },
    TypeError, RangeError, AggregateError, SyntaxError, Error,
    args: [new Map([[1, [2]]]), new Error("sent"), { a: [1] }],
    given: (map, error, object) => [map.get(1)[0], error instanceof Error, error.message, object.a.length],
  })`,
  context,
  { filename: "/program/other-context.js" },
) as Record<string, (...args: any[]) => any> & Record<"TypeError" | "RangeError" | "AggregateError" | "SyntaxError" | "Error", ErrorConstructor> & { args: unknown[] };

describe.each([["threads", ThreadPoolExecutor], ["processes", ProcessPoolExecutor]] as const)("%s", (_kind, Pool) => {
  const pool = new Pool({ maxWorkers: 1 });
  afterAll(() => pool.shutdown());
  const failure = (fn: (...args: any[]) => unknown, ...args: unknown[]): Promise<any> => pool.submit(fn as (...args: unknown[]) => unknown, ...args).catch((error: unknown) => error);

  it("gives the values that they capture", async () => {
    expect(await pool.submit(fns["captures"] as () => unknown)).toEqual([2, true, 5, true, "t", 3, 8, true]);
  });

  it("gives the arguments that come from there", async () => {
    expect(await pool.submit(fns["given"] as () => unknown, ...(fns.args as []))).toEqual([2, true, "sent", 1]);
  });

  it("rejects with errors of the context of the function", async () => {
    const typeError = await failure(fns["typeError"]!);
    expect(typeError).toBeInstanceOf(fns.TypeError);
    expect(typeError.constructor).toBe(fns.TypeError);
    expect(typeError).not.toBeInstanceOf(TypeError);
    const ownError = await failure(fns["ownError"]!);
    expect(ownError).toBeInstanceOf(fns.RangeError);
    expect([ownError.constructor.name, ownError.code, ownError.message]).toEqual(["OwnError", "E_OWN", "bad"]);
    expect((await failure(fns["ownError"]!)).constructor).toBe(ownError.constructor);
    const aggregate = await failure(fns["aggregate"]!);
    expect(aggregate).toBeInstanceOf(fns.AggregateError);
    expect(aggregate.errors[0]).toBeInstanceOf(fns.SyntaxError);
    expect(typeError.stack).toMatch(/^TypeError: bad\n\s+at .*\n(.*\n)*.*--- called from ---/);
  });

  it("rejects with errors of this context for functions of this one", async () => {
    expect((await failure(() => { throw new TypeError("here"); })).constructor).toBe(TypeError);
  });

  it("rejects with its own errors", async () => {
    expect(await pool.with({ runTimeoutMs: 50, graceMs: 0 }).submit(fns["endless"] as () => unknown).catch((error: unknown) => error)).toBeInstanceOf(CallTimeoutError);
  });
});
