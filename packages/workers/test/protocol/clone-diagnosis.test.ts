import { diagnoseClone } from "#workers/protocol/clone-diagnosis.js";
import { Socket } from "node:net";
import { expect, it } from "vitest";

const path = (value: unknown, transfer: unknown[] = []) => diagnoseClone(value, "args", "f", transfer, undefined).path;

it.each<[string, unknown, string]>([
  ["a function", [() => {}], "args[0]"],
  ["a nested method", [{ a: { b: [1, { go() {} }] } }], "args[0].a.b[1].go"],
  ["a key that is no identifier", [{ "content-type": Symbol("s") }], 'args[0]["content-type"]'],
  ["a value of a Map", [new Map([["k", () => {}]])], 'args[0].get("k")'],
  ["a key of a Map", [new Map([[() => {}, 1]])], "args[0].keys()[0]"],
  ["a member of a Set", [new Set([1, () => {}])], "args[0].values()[1]"],
  ["one of many", [[...Array.from({ length: 300_000 }, () => ({})), () => {}]], "args[0][300000]"],
  ["a WeakRef", [{ ref: new WeakRef({}) }], "args[0].ref"],
  ["a promise", [{ later: Promise.resolve() }], "args[0].later"],
  ["a WeakMap", [new WeakMap()], "args[0]"],
])("finds %s", (_what, value, expected) => {
  expect(path(value)).toBe(expected);
});

it("names a socket, not its internal properties", () => {
  const error = diagnoseClone([{ user: { socket: new Socket() } }], "args", "render", [], undefined);
  expect(error.path).toBe("args[0].user.socket");
  expect(error.message).toContain("instance of Socket");
  expect(error.message).toContain("render");
});

it("names the error of a getter, and a Proxy", () => {
  const throwing = { a: { get b() { throw new RangeError("no"); } } };
  expect(diagnoseClone([throwing], "args", "f", [], undefined)).toMatchObject({ path: "args[0].a.b", message: expect.stringContaining("reading it threw RangeError: no") });
  expect(diagnoseClone([new Proxy({}, {})], "args", "f", [], undefined).message).toContain("a Proxy");
});

it("names an entry of the transfer list that cannot move, or that occurs twice", () => {
  const buffer = new ArrayBuffer(1);
  expect(path([1], [buffer, {}])).toBe("transfer[1]");
  expect(path([1], [buffer, buffer])).toBe("transfer[1]");
});

it("names the direction in which the value was sent", () => {
  expect(diagnoseClone([() => {}], "items", "f", [], undefined).message).toContain("to the caller of f");
  expect(diagnoseClone([() => {}], "args", "f", [], undefined).message).toContain("to the worker of f");
});

it("handles circles", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  circle.bad = () => {};
  expect(path([circle])).toBe("args[0].bad");
});

it("does not name a value that is transferred", () => {
  const { port1, port2 } = new MessageChannel();
  expect(path([{ port1, bad: () => {} }], [port1])).toBe("args[0].bad");
  port1.close();
  port2.close();
});

it.each<[string, () => unknown, string]>([
  ["a getter that throws", () => ({ get on() { throw new Error("x"); } }), "args[0].on"],
  ["a getter that throws what has no text", () => ({ get a() { throw Object.create(null); } }), "args[0].a"],
  ["a throwing constructor", () => ({ get constructor() { throw new Error("x"); }, f() {} }), "args[0].constructor"],
  ["a throwing toStringTag", () => ({ get [Symbol.toStringTag]() { throw new Error("x"); }, f() {} }), "args[0].f"],
  ["a throwing getter of a class", () => Object.assign(new (class { get on() { throw new Error("x"); } })(), { f: () => {} }), "args[0].f"],
  ["a function whose name is a symbol", () => Object.defineProperty(() => {}, "name", { value: Symbol("s") }), "args[0]"],
  ["a function whose name throws", () => Object.defineProperty(() => {}, "name", { get() { throw new Error("x"); } }), "args[0]"],
  ["a proxy whose traps throw", () => ({ p: new Proxy({}, { get() { throw new Error("x"); }, ownKeys() { throw new Error("x"); }, getPrototypeOf() { throw new Error("x"); } }) }), "args[0].p"],
  ["a revoked proxy", () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy]; }, "args[0][0]"],
  ["an object whose prototype is such a proxy", () => ({ a: Object.setPrototypeOf({ f() {} }, new Proxy({}, { get() { throw new Error("x"); }, getPrototypeOf() { throw new Error("x"); } })) }), "args[0]"],
  ["a Map that is none", () => ({ m: Object.create(Map.prototype), f() {} }), "args[0].f"],
])("survives %s", (_what, make, expected) => {
  const error = diagnoseClone([make()], "args", "f", [], new Error("refused"));
  expect(error.code).toBe("ERR_OFFLOOP_CLONE");
  expect(error.path).toContain(expected);
});

it("reaches the end of a long chain, and shortens the path", () => {
  let chain: unknown = () => {};
  for (let depth = 0; depth < 50_000; depth += 1) chain = { next: chain };
  const error = diagnoseClone([chain], "args", "f", [], new RangeError("Maximum call stack size exceeded"));
  expect(error.message).toContain("a function");
  expect(error.path).toMatch(/^args\[0\](\.next){14}…(\.next){4}$/);
});

it("names the depth of a nested value", () => {
  let chain: unknown = null;
  for (let depth = 0; depth < 12_345; depth += 1) chain = { next: chain };
  expect(diagnoseClone([chain], "args", "f", [], new RangeError("Maximum call stack size exceeded")).message).toContain("nested 12,345 levels deep");
});

it("does not name a value if the system is the cause", () => {
  const full = Object.assign(new Error("too many open files"), { code: "EMFILE" });
  const { message } = diagnoseClone([{ a: 1 }], "args", "f", [], full);
  expect(message).toContain("could not be sent");
  expect(message).toContain("too many open files");
});
