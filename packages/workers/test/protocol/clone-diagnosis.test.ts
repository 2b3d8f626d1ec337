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
  ["a promise", [{ later: Promise.resolve() }], "args[0].later"],
  ["a WeakMap", [new WeakMap()], "args[0]"],
])("finds %s", (_what, value, expected) => {
  expect(path(value)).toBe(expected);
});

it("names a socket, not its innards", () => {
  const error = diagnoseClone([{ user: { socket: new Socket() } }], "args", "render", [], undefined);
  expect(error.path).toBe("args[0].user.socket");
  expect(error.message).toContain("instance of Socket");
  expect(error.message).toContain("render");
});

it("says what a getter threw, and that a Proxy is one", () => {
  const throwing = { a: { get b() { throw new RangeError("no"); } } };
  expect(diagnoseClone([throwing], "args", "f", [], undefined)).toMatchObject({ path: "args[0].a.b", message: expect.stringContaining("reading it threw RangeError: no") });
  expect(diagnoseClone([new Proxy({}, {})], "args", "f", [], undefined).message).toContain("a Proxy");
});

it("names the entry of the transfer list that cannot move, or is there twice", () => {
  const buffer = new ArrayBuffer(1);
  expect(path([1], [buffer, {}])).toBe("transfer[1]");
  expect(path([1], [buffer, buffer])).toBe("transfer[1]");
});

it("says in which direction it should have gone", () => {
  expect(diagnoseClone([() => {}], "items", "f", [], undefined).message).toContain("to the caller of f");
  expect(diagnoseClone([() => {}], "args", "f", [], undefined).message).toContain("to the worker of f");
});

it("finds its way in circles", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  circle.bad = () => {};
  expect(path([circle])).toBe("args[0].bad");
});

it("does not blame what is transferred", () => {
  const { port1, port2 } = new MessageChannel();
  expect(path([{ port1, bad: () => {} }], [port1])).toBe("args[0].bad");
  port1.close();
  port2.close();
});
