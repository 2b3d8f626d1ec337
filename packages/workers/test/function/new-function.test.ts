// Functions that `new Function` makes travel as their text, without the inspector.
import { Session } from "node:inspector";
import { afterAll, describe, expect, it } from "vitest";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { Traveller } from "./travel.js";

type Fn = (...args: unknown[]) => unknown;

const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

const make = (...texts: string[]): Fn => new Function(...texts) as Fn;
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** How often the inspector is asked while `work` runs. */
async function postsOf(work: () => Promise<void>): Promise<number> {
  const { post } = Session.prototype;
  let posts = 0;
  Session.prototype.post = function (this: Session, ...args: unknown[]) {
    posts += 1;
    return Reflect.apply(post, this, args) as void;
  } as typeof post;
  try {
    await work();
  } finally {
    Session.prototype.post = post;
  }
  return posts;
}

describe("a function of new Function", () => {
  it.each([
    ["plain", () => make("x", "return Math.max(x, 1) + [...'ab'].length"), 7, 9],
    ["with several parameters, one with a default", () => make("x, y = x", "return x * y"), 3, 9],
    ["that says it is strict", () => make("x", '"use strict"; return (function () { return this === undefined; })() && x'), 4, 4],
    ["asynchronous", () => AsyncFunction("x", "await undefined; return x + 1") as Fn, 1, 2],
  ])("%s, needs no inspector", async (_, made, argument, result) => {
    const posts = await postsOf(async () => {
      for (let times = 0; times < 3; times += 1) expect(await traveller.run(made(), argument)).toBe(result);
    });
    expect(posts).toBe(0);
  });

  it("has one program for each text", async () => {
    const [one, same, other] = await Promise.all(["return 1", "return 1", "return 2"].map((text) => locateFunction(make(text))));
    expect(same!.payload).toBe(one!.payload);
    expect(other!.payload).not.toBe(one!.payload);
  });

  it("that uses other globals needs the inspector once for each text", async () => {
    const text = "return Buffer.from(x).toString('hex')";
    expect(await traveller.run(make("x", text), "a")).toBe("61");
    const posts = await postsOf(async () => expect(await traveller.run(make("x", text), "b")).toBe("62"));
    expect(posts).toBe(0);
  });

  it("keeps the properties that were assigned to it", async () => {
    const fn = Object.assign(make("return arguments.callee.extra"), { extra: 1 });
    expect(await traveller.run(fn)).toBe(1);
  });
});

describe("a function written in the shape of one", () => {
  const written = (variable: string, value: unknown): Fn => make(variable, `return function anonymous(x\n) {\nreturn ${variable}(x)\n}`)(value) as Fn;

  it.each(["escape", "Buffer", "given"])("keeps its own variable %s, each its own", async (variable) => {
    const captured = [(x: number) => x + 1, (x: number) => x * 10];
    expect(await traveller.run(written(variable, captured[0]), 5)).toBe(6);
    expect(await traveller.run(written(variable, captured[1]), 5)).toBe(50);
  });
});
