// workerModule() and task(): functions that are named explicitly, so nothing is inferred.
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, expectTypeOf, it } from "vitest";
import { InvalidOptionError, type TaskReference } from "#workers/executor/index.js";
import { InlineExecutor } from "#workers/executor/inline-executor.js";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { task } from "#workers/function/task.js";
import { workerModule } from "#workers/function/worker-module.js";
import { Traveller } from "./travel.js";

const exportsUrl = new URL("../fixtures/function/exports.mjs", import.meta.url);
const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

interface Shape {
  add(a: number, b: number): number;
  later(x: string): Promise<string>;
  limit: number;
  names: string[];
  api: { base: number; plus(x: number): number };
  Parser: { new (): object; parse(text: string): string; mark: string };
}

describe("workerModule", () => {
  const tasks = workerModule<Shape>(exportsUrl);

  it("runs exports, methods and statics of a module that is not loaded here", async () => {
    const unloaded = workerModule<Shape>(`${exportsUrl.href}?never-loaded-here`);
    const before = (globalThis as { offloopLoads?: number }).offloopLoads;
    expect(await traveller.run(unloaded.add, 1, 2)).toBe(3);
    expect(await traveller.run(unloaded.api.plus, 1)).toBe(11);
    expect(await traveller.run(unloaded.Parser.parse, "x")).toBe("#x");
    expect((globalThis as { offloopLoads?: number }).offloopLoads).toBe(before);
  });

  it("keeps a method's `this` in the inline executor too", async () => {
    const inline = new InlineExecutor();
    expect([await inline.submit(tasks.api.plus, 1), await inline.submit(tasks.Parser.parse, "x")]).toEqual([11, "#x"]);
  });

  it("gives the same reference each time, without waiting", () => {
    expect(locateFunction(tasks.add)).toBe(locateFunction(tasks.add));
    expect(locateFunction(tasks.add)).toEqual({ payload: { kind: "reference", module: exportsUrl.href, export: "add", loader: "import", name: "add" } });
  });

  it("finds what CommonJS exports under names that import() does not see", async () => {
    const tasks = workerModule<{ thrice(x: number): number }>(new URL("../fixtures/function/hidden-exports.cjs", import.meta.url));
    expect(await traveller.run(tasks.thrice, 2)).toBe(6);
  });

  it("takes an absolute path", async () => {
    expect(await traveller.run(workerModule<Shape>(fileURLToPath(exportsUrl)).add, 2, 2)).toBe(4);
  });

  it("is no thenable", async () => {
    expect(await (tasks as unknown as Promise<unknown>)).toBe(tasks);
  });

  it("throws for a URL that another thread cannot load", () => {
    expect(() => workerModule("./tasks.js")).toThrow(InvalidOptionError);
  });

  it("has the types of the functions only", () => {
    expectTypeOf(tasks.add).toEqualTypeOf<TaskReference<[a: number, b: number], number>>();
    expectTypeOf(tasks.later).toEqualTypeOf<TaskReference<[x: string], Promise<string>>>();
    expectTypeOf(tasks.api.plus).toEqualTypeOf<TaskReference<[x: number], number>>();
    expectTypeOf(tasks.Parser.parse).toEqualTypeOf<TaskReference<[text: string], string>>();
    expectTypeOf<keyof typeof tasks>().toEqualTypeOf<"add" | "later" | "api" | "Parser">();
  });
});

describe("task", () => {
  it("marks a function with its module and export, and leaves it callable", async () => {
    const add = task((a: number, b: number) => a + b, { module: exportsUrl.href, export: "add" });
    expect(add(1, 2)).toBe(3);
    expect(locateFunction(add)).toMatchObject({ payload: { module: exportsUrl.href, export: "add" } });
    expect(await traveller.run(add, 1, 2)).toBe(3);
  });

  it("uses the function's own name by default, and refuses a function without one", () => {
    expect(locateFunction(task(function add() {}, { module: exportsUrl }))).toMatchObject({ payload: { export: "add" } });
    expect(() => task(() => {}, { module: exportsUrl })).toThrow(/export of task\(\) takes/);
  });
});
