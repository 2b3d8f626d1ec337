import { EventEmitter } from "node:events";
import { runInNewContext } from "node:vm";
import { CloneError } from "@offloop/workers";
import { packThrown, unpackThrown } from "#workers/protocol/parcel.js";
import { expect, it, vi } from "vitest";

const cross = (thrown: unknown, callerStack?: string): any => unpackThrown(structuredClone(packThrown(thrown, "thread")), callerStack);

class QueryError extends Error {
  override name = "QueryError";
  code = "E_QUERY";
}

it.each([new Error("a"), new TypeError("b"), new RangeError("c"), new SyntaxError("d"), new ReferenceError("e"), new EvalError("f"), new URIError("g")])("keeps %s", (error) => {
  const copy = cross(error);
  expect(copy.constructor).toBe(error.constructor);
  expect(copy.message).toBe(error.message);
  expect(copy.stack).toBe(error.stack);
});

it("replaces a class of the program by one class with its name, the same for each error", () => {
  const copy = cross(new QueryError("no table"));
  expect(copy.constructor.name).toBe("QueryError");
  expect(copy.constructor).toBe(cross(new QueryError("x")).constructor);
  expect(copy).toBeInstanceOf(Error);
  expect(copy).toMatchObject({ name: "QueryError", code: "E_QUERY" });
  expect(String(copy)).toBe("QueryError: no table");
});

it("keeps offloop's error classes, and does not confuse a class of the same name", () => {
  expect(cross(new CloneError("no", "result.x"))).toBeInstanceOf(CloneError);
  expect(cross(new CloneError("no", "result.x"))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "result.x", name: "CloneError" });
  class Namesake extends Error {}
  Object.defineProperty(Namesake, "name", { value: "CloneError" });
  expect(cross(new Namesake("theirs"))).not.toBeInstanceOf(CloneError);
});

it("keeps a code that comes from the class", () => {
  class WithCode extends Error {
    get code() {
      return "E_GETTER";
    }
  }
  expect(cross(new WithCode()).code).toBe("E_GETTER");
});

it("follows all causes, and keeps a circle", () => {
  let chain = new Error("0");
  for (let depth = 1; depth <= 5_000; depth += 1) chain = new Error(String(depth), { cause: chain });
  let end = cross(chain);
  for (let depth = 5_000; depth > 0; depth -= 1) end = end.cause;
  expect(end.message).toBe("0");
  const circle = new Error("circle");
  circle.cause = circle;
  const copy = cross(circle);
  expect(copy.cause).toBe(copy);
});

it("sends each error once, also with many references", () => {
  const errors = Array.from({ length: 8 }, (_, index) => new Error(String(index)));
  const aggregate = new AggregateError(errors, "all");
  for (const error of errors) error.cause = aggregate;
  expect(packThrown(aggregate, "thread").errors).toHaveLength(9);
  const copy = cross(aggregate);
  expect(copy.errors).toHaveLength(8);
  for (const error of copy.errors) expect(error.cause).toBe(copy);
});

it("keeps the properties that other libraries add to errors", () => {
  class ValidationError extends Error {}
  const invalid = Object.assign(new ValidationError("2 errors"), { errors: ["a is required", "b is required"], inner: [new TypeError("a")] });
  expect(cross(invalid)).toMatchObject({ errors: ["a is required", "b is required"] });
  expect(cross(invalid).inner[0]).toBeInstanceOf(TypeError);
  const failed = Object.assign(new Error("query failed"), { driverError: Object.assign(new Error("no table"), { code: "42P01" }), failures: [Object.assign(new RangeError("x"), { code: "E_X" })] });
  expect(cross(failed).driverError).toMatchObject({ message: "no table", code: "42P01" });
  expect(cross(failed).failures[0]).toMatchObject({ code: "E_X" });
  expect(cross(failed).failures[0]).toBeInstanceOf(RangeError);
  const refused = Object.assign(new Error("status 404"), { response: { status: 404, data: { reason: "gone" }, config: { adapter: () => {}, headers: new Headers({ accept: "text/html" }) }, request: new EventEmitter() } });
  const { response } = cross(refused);
  expect(response).toMatchObject({ status: 404, data: { reason: "gone" }, config: { adapter: "[function adapter] (could not be cloned)" }, request: "[object EventEmitter] (could not be cloned)" });
  expect(response.config.headers.get("accept")).toBe("text/html");
});

it("keeps the flags of properties, hidden properties, and properties under symbols", () => {
  const error = new Error("x");
  Object.defineProperty(error, "hidden", { value: { a: 1 }, enumerable: false, writable: false, configurable: true });
  Object.defineProperty(error, Symbol.for("registered"), { value: 1, enumerable: false, writable: true, configurable: false });
  Object.assign(error, { [Symbol("own")]: 2, [Symbol.toPrimitive]: "well known", shown: true });
  const copy = cross(error);
  expect(Object.getOwnPropertyDescriptor(copy, "hidden")).toEqual({ value: { a: 1 }, enumerable: false, writable: false, configurable: true });
  expect(Object.getOwnPropertyDescriptor(copy, Symbol.for("registered"))).toEqual({ value: 1, enumerable: false, writable: true, configurable: false });
  expect(copy[Symbol.toPrimitive]).toBe("well known");
  const unique = Object.getOwnPropertySymbols(copy).find(({ description }) => description === "own")!;
  expect(copy[unique]).toBe(2);
  expect(Object.keys(copy)).toEqual(["shown"]);
});

it("replaces a getter that throws by its error, and keeps the other properties", () => {
  const hostile = new TypeError("hostile");
  Object.defineProperty(hostile, "trap", { enumerable: true, get: () => { throw new Error("no"); } });
  Object.assign(hostile, { code: "E_KEPT" });
  const copy = cross(hostile);
  expect(copy).toBeInstanceOf(TypeError);
  expect(copy).toMatchObject({ message: "hostile", code: "E_KEPT", trap: "reading it threw Error: no" });
});

it("carries any thrown value", () => {
  expect(cross(Object.create(null))).toEqual({});
  expect(cross(Object.assign(new Error("x"), { constructor: undefined })).message).toBe("x");
  expect(cross(new Proxy(new Error("x"), { get: () => { throw new Error("no"); } }))).toContain("could not be cloned");
  expect(cross({ get a() { throw Object.create(null); } })).toEqual({ a: "reading it threw a value without a string form (object)" });
  expect(cross(Symbol("s"))).toContain("could not be cloned");
  expect(cross(Object.assign(new Error("x"), { port: new MessageChannel().port1 })).port).toContain("could not be cloned");
  const noText = new Error("x");
  Object.defineProperty(noText, "message", { value: Object.create(null) });
  expect(cross(noText)).toBeInstanceOf(Error);
});

it("carries deeply nested properties", () => {
  let deep: object = {};
  for (let depth = 0; depth < 10_000; depth += 1) deep = { deep };
  let copy = cross(Object.assign(new Error("x"), { deep }));
  for (let depth = 0; depth <= 10_000; depth += 1) copy = copy.deep;
  expect(copy).toEqual({});
});

it("does not depend on how stacks are prepared", () => {
  const { prepareStackTrace } = Error;
  try {
    for (const prepare of [() => { throw new Error("no stack"); }, () => [1, 2], () => undefined]) {
      Error.prepareStackTrace = prepare;
      expect(cross(new TypeError("x"))).toMatchObject({ message: "x", stack: "TypeError: x" });
    }
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
});

it("keeps a DOMException with its code, and an error of another realm with its class", () => {
  const copy = cross(new DOMException("stop", "AbortError"));
  expect(copy).toBeInstanceOf(DOMException);
  expect(copy).toMatchObject({ name: "AbortError", code: 20, message: "stop" });
  expect(cross(runInNewContext("new RangeError('far')"))).toBeInstanceOf(RangeError);
});

it("joins the caller's stack behind the worker's", () => {
  const { stack } = cross(new Error("x"), "    at caller (app.js:1:1)");
  expect(stack).toMatch(/Error: x\n[^]*called from[^]*at caller \(app\.js:1:1\)$/);
});

it("keeps the errors that an AggregateError lists", () => {
  expect(Object.keys(cross(new QueryError("x")))).toEqual(["name", "code"]);
});

it("sends the first 100,000 objects of what was thrown, and a text in place of each other one", () => {
  const items = Array.from({ length: 100_100 }, (_, index) => ({ index }));
  const arrived = cross(Object.assign(new Error("many"), { items }));
  expect(arrived.items).toHaveLength(items.length);
  expect(arrived.items[99_000]).toEqual({ index: 99_000 });
  expect(arrived.items.at(-1)).toBe("[object Object] (could not be cloned)");
});

it("reads an error with a part that cannot be made here as a CloneError, which says so", () => {
  const sent = structuredClone(packThrown(Object.assign(new Error("failed"), { at: new URL("file:///a") }), "thread"));
  vi.stubGlobal("URL", class { constructor() { throw new Error("the program's own URL"); } });
  try {
    expect(unpackThrown(sent)).toMatchObject({ code: "ERR_OFFLOOP_CLONE", message: expect.stringContaining("the program's own URL") });
  } finally {
    vi.unstubAllGlobals();
  }
});
