// The reasons for the type of a call: the disadvantages of each other possible type, in each version of TypeScript.
// docs/decisions/0032 explains them. If a later compiler behaves differently, this test fails.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile, root } from "./installed-types.js";

const project = mkdtempSync(join(tmpdir(), "offloop-call-types-"));
symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
afterAll(() => rmSync(project, { recursive: true }));

const prelude = `
import type { CallArguments, Callable, Received, ReturnsData } from "${join(root, "packages/workers/dist/executor/index.js")}";
type AnyFunction = (...args: never[]) => unknown;
type Why = "a function cannot be copied";
type NotCallable = string | number | boolean | bigint | symbol | null | undefined | void | (object & { bind?: never });
type Refused<R> = { any: 0 } extends { any: 1 & R } ? false : { never: R } extends { never: never } ? false : { value: R } extends { value: AnyFunction } ? true : false;
declare function same<T>(): <U>(value: U, same: (<X>() => X extends T ? 1 : 2) extends (<X>() => X extends U ? 1 : 2) ? true : false) => void;
declare const add: (a: number, b: number) => number;
declare const makeAdd: (x: number) => (y: number) => number;
`;

/** The types that were tried for `call`. Each result is the function's. */
const shapes = {
  "the type of submit": "<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): R",
  "without the check of the result": "<A extends any[], R>(fn: (...args: A) => R, ...args: CallArguments<A>): R",
  "the check in the function's result": "<A extends any[], R>(fn: (...args: A) => Refused<R> extends true ? Why : R, ...args: CallArguments<A>): R",
  "the check in the arguments": '<A extends any[], R>(fn: (...args: A) => R, ...args: Refused<R> extends true ? [Why] : CallArguments<A>): R',
  "the check as a constraint": "<A extends any[], R extends NotCallable>(fn: (...args: A) => R, ...args: CallArguments<A>): R",
  "the check around the function": "<A extends any[], R>(fn: Refused<R> extends true ? Why : (...args: A) => R, ...args: CallArguments<A>): R",
  "the check as an overload": "{ <A extends any[], R extends AnyFunction>(fn: (...args: A) => R, why: Why, ...args: CallArguments<A>): never; <A extends any[], R>(fn: (...args: A) => R, ...args: CallArguments<A>): R }",
  "the arguments without a mapped type": "<A extends any[], R>(fn: (...args: A) => R, ...args: A): R",
  "NoInfer": "<A extends any[], R>(fn: (...args: A) => R, ...args: NoInfer<A>): R",
} as const;

type Shape = keyof typeof shapes;

/** The requirements of a call ("wishes"). A line compiles if its requirement is met. */
const wishes = {
  "infers a parameter from its argument": "same<number>()(call((x) => x * 2, 5), true);",
  "keeps the type parameter of a function": "same<number>()(call(<T,>(x: T) => x, 5), true);",
  "takes a default parameter": "same<number>()(call((a: number, b = 5) => a + b, 1), true);",
  "widens a literal result": 'same<string>()(call(() => "a"), true);',
  "can be wrapped": "const wrap = <A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R => call(fn, ...args);",
  "can be implemented": "const mine: typeof call = <A extends any[], R>(fn: Callable<A, R>, ...args: CallArguments<A>): R => fn(...(args as never));",
  "takes a function that never returns": "call((): never => { throw 1; });",
  "refuses a misspelt key": '// @ts-expect-error\ncall((limits: { name?: string; timeoutMs?: number }) => limits.name, { name: "a", timeoutMS: 5 });',
  "refuses a missing argument": "// @ts-expect-error\ncall(add, 1);",
  "refuses a function that returns a function": "// @ts-expect-error\ncall(makeAdd, 1);",
  "refuses one without arguments": "// @ts-expect-error\ncall(() => () => 1);",
  "gives the type of a default that is returned": "same<number>()(call((b = 5) => b), true);",
} as const;

type Wish = keyof typeof wishes;

const noCheck: readonly Wish[] = ["refuses a function that returns a function", "refuses one without arguments"];
/** A parameter without a type gets the type of its place, `A[0]`, before `A` is known; its default comes too late. */
const placeOfParameter: readonly Wish[] = ["gives the type of a default that is returned"];

/** The requirements that each type does not meet. */
const unfulfilled: Readonly<Record<Shape, readonly Wish[]>> = {
  "the type of submit": placeOfParameter,
  "without the check of the result": [...noCheck, ...placeOfParameter],
  "the check in the function's result": ["can be implemented", ...placeOfParameter],
  "the check in the arguments": ["can be implemented", ...placeOfParameter],
  "the check as a constraint": ["can be wrapped", ...placeOfParameter],
  "the check around the function": ["can be implemented"],
  "the check as an overload": ["can be implemented", ...noCheck, ...placeOfParameter],
  "the arguments without a mapped type": ["refuses a misspelt key", ...noCheck, ...placeOfParameter],
  "NoInfer": ["keeps the type parameter of a function", "takes a default parameter", ...noCheck, ...placeOfParameter],
};

/** The differences between versions. */
const differences: Readonly<Record<string, Partial<Record<Shape, readonly Wish[]>>>> = {
  "typescript-5.4": { "the check around the function": ["keeps the type parameter of a function", "can be implemented"], "the arguments without a mapped type": [...noCheck, ...placeOfParameter] },
  "typescript-5.6": { "the check around the function": ["keeps the type parameter of a function", "can be implemented"] },
};

const compilerOptions = { noEmit: true, strict: true, target: "es2022", module: "nodenext", moduleResolution: "nodenext", skipLibCheck: true, types: ["node"] };

describe.each(["typescript-5.4", "typescript-5.6", "typescript-6", "typescript"])("%s", (compiler) => {
  it("each type meets the same requirements as before", async () => {
    const files = new Map(
      Object.entries(shapes).flatMap(([shape, type], at) => Object.entries(wishes).map(([wish, line], index) => [`${at}-${index}.mts`, { shape, wish, text: `${prelude}declare const call: ${type.startsWith("{") ? type : `{ ${type} }`};\n${line}\n` }] as const)),
    );
    for (const [file, { text }] of files) writeFileSync(join(project, file), text);
    const output = await compile(compiler, compilerOptions, project, [...files.keys()]);
    const failed = new Set([...output.matchAll(/^(?:.*\/)?(\d+-\d+\.mts)\(/gm)].map(([, file]) => file!));
    const found = Object.fromEntries(Object.keys(shapes).map((shape) => [shape, [...files].filter(([file, each]) => each.shape === shape && failed.has(file)).map(([, { wish }]) => wish)]));
    expect(found).toEqual({ ...unfulfilled, ...differences[compiler] });
  }, 120_000);
});
