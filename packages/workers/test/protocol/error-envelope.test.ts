import { CloneError } from "@offloop/workers";
import { packThrown, unpackThrown } from "#workers/protocol/error-envelope.js";
import { expect, it } from "vitest";

const cross = (thrown: unknown, callerStack?: string): any => unpackThrown(structuredClone(packThrown(thrown)), callerStack);

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

it("gives a class of the program a stand-in with its name, the same for each error", () => {
  const copy = cross(new QueryError("no table"));
  expect(copy.constructor.name).toBe("QueryError");
  expect(copy.constructor).toBe(cross(new QueryError("x")).constructor);
  expect(copy).toBeInstanceOf(Error);
  expect(copy).toMatchObject({ name: "QueryError", code: "E_QUERY" });
  expect(String(copy)).toBe("QueryError: no table");
});

it("gives our own errors their own class, and a namesake its own", () => {
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

it("follows causes to their end, and stops at a circle", () => {
  const chain = new Error("1", { cause: new Error("2", { cause: new Error("3") }) });
  expect(cross(chain).cause.cause.message).toBe("3");
  const circle = new Error("circle");
  circle.cause = circle;
  expect(cross(circle).cause.cause.message).toBe("circle");
});

it("survives errors that fight back", () => {
  const hostile = new Error("hostile");
  Object.defineProperty(hostile, "trap", { enumerable: true, get: () => { throw new Error("no"); } });
  expect(cross(hostile)).toContain("could not be read");
  expect(cross(Object.create(null))).toEqual({});
  const foreign = Object.assign(new Error("x"), { constructor: undefined });
  expect(cross(foreign).message).toBe("x");
});

it("joins the caller's stack behind the worker's", () => {
  const { stack } = cross(new Error("x"), "    at caller (app.js:1:1)");
  expect(stack).toMatch(/Error: x\n[^]*called from[^]*at caller \(app\.js:1:1\)$/);
});

it("does not list what an error does not list", () => {
  expect(Object.keys(cross(new QueryError("x")))).toEqual(["code"]);
});
