// The owner's end of an actor's line: it takes the requests that a peer makes, and refuses all others. comlink itself would serve
// them, as far as setting a property of Object.prototype.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Connection } from "#workers/remote/connection.js";

const seed = Number(process.env.OFFLOOP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`messages of an actor: OFFLOOP_FUZZ_SEED=${seed}`);

function exposed() {
  const post = vi.fn<(message: { data?: unknown }) => void>();
  const target = vi.fn<() => string>(() => "answered");
  const connection = new Connection({ post: post as never }, { side: "main", shared: false });
  const id = connection.expose(target);
  return { post, target, id, receive: (data: unknown) => connection.wire.receive({ endpoint: id, data } as never) };
}

const call = { how: "call", path: [], args: [], name: "callback" };
const raw = (value: unknown) => ({ type: "RAW", value });

it("answers the request of a peer", async () => {
  const { post, target, receive } = exposed();
  receive({ id: "1", type: "APPLY", path: ["answer"], argumentList: [raw(call)] });
  await vi.waitFor(() => expect(post).toHaveBeenCalled());
  expect([target.mock.calls, post.mock.calls[0]![0].data]).toEqual([[[]], { id: "1", ...raw({ kind: "value", value: { kind: "raw", value: "answered" } }) }]);
});

it.each<[string, object]>([
  ["reads a member", { type: "GET", path: ["answer", "constructor"] }],
  ["sets a property", { type: "SET", path: ["__proto__", "__proto__", "climbed"], value: raw(1) }],
  ["calls another member", { type: "APPLY", path: ["answer", "constructor"], argumentList: [raw("return process")] }],
  ["calls the host", { type: "APPLY", path: [], argumentList: [raw(call)] }],
  ["constructs", { type: "CONSTRUCT", path: ["answer", "constructor"], argumentList: [raw("return process")] }],
  ["asks for a port", { type: "ENDPOINT" }],
  ["passes no arguments", { type: "APPLY", path: ["answer"] }],
  ["passes an argument of a handler", { type: "APPLY", path: ["answer"], argumentList: [{ type: "HANDLER", name: "proxy", value: 1 }] }],
  ["is of no type", {}],
])("refuses a request that %s", (_what, data) => {
  const { post, target, receive } = exposed();
  expect(() => receive({ id: "1", ...data })).toThrow(/a message of other code/);
  expect([target, post].map((each) => each.mock.calls.length)).toEqual([0, 0]);
});

it("answers any message, refuses it, or ignores it", async () => {
  const type = fc.constantFrom("APPLY", "SET", "GET", "CONSTRUCT", "ENDPOINT", "RELEASE", "RAW", "HANDLER");
  const key = fc.constantFrom("answer", "constructor", "__proto__", "prototype", "call", "climbed");
  const value = fc.oneof(fc.constant(raw(call)), fc.anything());
  const data = fc.record({ id: fc.oneof(fc.constant("1"), fc.anything()), type: fc.oneof(type, fc.anything()), path: fc.oneof(fc.array(key, { maxLength: 4 }), fc.anything()), value, argumentList: fc.oneof(fc.array(value, { maxLength: 2 }), fc.anything()) }, { requiredKeys: [] });
  const names = (of: object): PropertyKey[] => Reflect.ownKeys(of);
  const before = [Object.prototype, Function.prototype].map(names);
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: data }, fc.anything()), async (each) => {
      const { receive } = exposed();
      try {
        receive(each);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      await new Promise(setImmediate);
      expect([Object.prototype, Function.prototype].map(names)).toEqual(before);
    }),
    { seed, interruptAfterTimeLimit: 1_000, numRuns: 500 },
  );
});
