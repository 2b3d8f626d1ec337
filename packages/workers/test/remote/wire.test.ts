// One side of an actor's line: it takes the messages that the other side sends, and refuses all others.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Connection } from "#workers/remote/connection.js";
import { Member } from "#workers/remote/member.js";
import type { WireMessage } from "#workers/remote/wire.js";

const seed = Number(process.env.OFFLOOP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`messages of an actor: OFFLOOP_FUZZ_SEED=${seed}`);

const CALLED = 1;

/** The owner's side, which has exposed a callback and waits for the answers of two calls. */
function owner() {
  const post = vi.fn<(message: WireMessage) => void>();
  const target = vi.fn<(...args: unknown[]) => unknown>(() => "answered");
  const connection = new Connection({ post }, { side: "main", shared: false });
  const id = connection.expose(target);
  const peer = connection.peer(CALLED, "object");
  const calls = [new Member("short"), new Member("long")].map((member, index) => peer.request("call", member, [index === 0 ? 1 : {}], {}));
  for (const call of calls) call.catch(() => {});
  post.mockClear();
  return { post, target, id, connection, calls, receive: (message: unknown) => connection.wire.receive(message as WireMessage) };
}

const request = { how: "call", path: [], args: [], name: "callback" };

it("answers a request, and short calls by the number of their member", async () => {
  const { post, target, id, receive } = owner();
  target.mockReturnValueOnce([1]);
  receive({ ask: 7, endpoint: id, request });
  receive({ rows: [0, id, 0, "callback", [], 1, id, 0, 1, 2, 8, "a", 9, "b", 1, id, 0, 0, 1, 10] });
  expect(target.mock.calls).toEqual([[], ["a"], ["b"], []]);
  const [[first], ...later] = post.mock.calls as [[WireMessage], ...[{ rows: unknown[] }][]];
  expect(first).toEqual({ answer: 7, outcome: { kind: "value", value: { kind: "raw", value: [1] } } });
  expect(later.flatMap(([{ rows }]) => rows.slice(2))).toEqual([8, "answered", 9, "answered", 10, "answered"]); // in one message, or in more on a slow machine
});

it("sends the answer of an asynchronous method when it is there, and the others before it", async () => {
  const { post, target, id, receive } = owner();
  let settle!: (value: unknown) => void;
  target.mockReturnValueOnce(new Promise((resolve) => (settle = resolve)));
  receive({ rows: [0, id, 0, "callback", [], 1, id, 0, 0, 2, 1, 2] });
  expect(post.mock.calls).toEqual([[{ rows: [2, 1, 2, "answered"] }]]);
  settle("late");
  await vi.waitFor(() => expect(post.mock.calls[1]).toEqual([{ rows: [2, 1, 1, "late"] }]));
});

it("keeps no answer for the time of a call that was long before", () => {
  const { post, target, id, receive } = owner();
  const sentBefore: number[] = [];
  const long = (): void => {
    sentBefore.push(post.mock.calls.length);
    const until = performance.now() + 1;
    while (performance.now() < until);
  };
  receive({ rows: [0, id, 0, "short", [], 0, id, 1, "long", []] });
  for (let round = 0; round < 2; round += 1) {
    target.mockReturnValueOnce("short").mockImplementationOnce(long);
    receive({ rows: [1, id, 0, 0, 1, round, 1, id, 1, 0, 1, 10 + round] });
  }
  expect(sentBefore).toEqual([1, 3]);
});

it("tells a caller that the object is gone, and settles a call that it had made", async () => {
  const { post, calls, receive } = owner();
  receive({ ask: 7, endpoint: 99, request });
  receive({ rows: [1, 99, 0, 0, 1, 8] });
  expect(post.mock.calls.map(([message]) => message)).toEqual([{ closed: 99 }, { closed: 99 }]);
  receive({ closed: CALLED });
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_SHUTDOWN" });
});

it.each<[string, (id: number) => unknown]>([
  ["no object", () => 5],
  ["nothing", () => null],
  ["of no kind", (endpoint) => ({ endpoint })],
  ["a request without a path", (endpoint) => ({ ask: 1, endpoint, request: { ...request, path: undefined } })],
  ["a request whose path has a key that is no text", (endpoint) => ({ ask: 1, endpoint, request: { ...request, path: [["constructor"]] } })],
  ["a request to do something else", (endpoint) => ({ ask: 1, endpoint, request: { ...request, how: "set" } })],
  ["a request without arguments", (endpoint) => ({ ask: 1, endpoint, request: { ...request, args: null } })],
  ["no request", (endpoint) => ({ ask: 1, endpoint, request: null })],
  ["an outcome of no kind", () => ({ answer: 1, outcome: {} })],
  ["an outcome without a value", () => ({ answer: 1, outcome: { kind: "value" } })],
  ["rows of no kind", () => ({ rows: [3, 1] })],
  ["rows that are no list", () => ({ rows: { length: 3 } })],
  ["a row of calls that is cut off", (endpoint) => ({ rows: [0, endpoint, 0, "callback", [], 1, endpoint, 0, 1, 2, 8, "a", 9] })],
  ["a row of calls without end", (endpoint) => ({ rows: [0, endpoint, 0, "callback", [], 1, endpoint, 0, -1, 1e9] })],
  ["a row of answers without end", () => ({ rows: [2, 1e9, 1, 1] })],
  ["the call of a member that was not defined", (endpoint) => ({ rows: [1, endpoint, 0, 0, 1, 8] })],
  ["a member out of turn", (endpoint) => ({ rows: [0, endpoint, 5, "callback", []] })],
  ["a member whose path is a text", (endpoint) => ({ rows: [0, endpoint, 0, "callback", "constructor"] })],
])("refuses a message that is %s", (_what, message) => {
  const { post, target, id, receive } = owner();
  expect(() => receive(message(id))).toThrow(Error);
  expect([target, post].map((each) => each.mock.calls.length)).toEqual([0, 0]);
});

it("answers any message, refuses it, or ignores it, and settles its calls when the other side ends", async () => {
  const id = fc.oneof(fc.constantFrom(1, 2, 4, 99), fc.anything());
  const key = fc.constantFrom("answer", "constructor", "__proto__", "prototype", "call", "climbed");
  const path = fc.oneof(fc.array(key, { maxLength: 4 }), fc.anything());
  const how = fc.oneof(fc.constantFrom("call", "construct", "get"), fc.anything());
  const packed = fc.oneof(fc.record({ kind: fc.constantFrom("raw", "parcel", "remote", "iterator", "original", "signal"), value: fc.anything(), endpoint: id, parcel: fc.anything(), name: fc.anything() }, { requiredKeys: ["kind"] }), fc.anything());
  const asked = fc.oneof(fc.record({ how, path, args: fc.oneof(fc.array(packed, { maxLength: 2 }), fc.anything()), name: fc.oneof(fc.string(), fc.anything()) }), fc.anything());
  const outcome = fc.oneof(fc.record({ kind: fc.constantFrom("value", "thrown"), value: packed, thrown: fc.anything() }), fc.anything());
  const rows = fc.oneof(fc.array(fc.oneof(fc.constantFrom<unknown>(0, 1, 2, 3, 4, [], "callback"), fc.anything()), { maxLength: 12 }), fc.anything());
  const message = fc.oneof(fc.record({ rows }), fc.record({ ask: id, endpoint: id, request: asked }), fc.record({ answer: id, outcome }), fc.record({ closed: id }), fc.record({ released: id }), fc.record({ aborted: id, reason: fc.anything() }), fc.anything());
  const names = (of: object): PropertyKey[] => Reflect.ownKeys(of);
  const before = [Object.prototype, Function.prototype].map(names);
  await fc.assert(
    fc.asyncProperty(message, async (each) => {
      const { receive, connection, calls } = owner();
      try {
        receive(each);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      connection.lose((name) => new Error(`${name} is lost`));
      await Promise.allSettled(calls);
      expect([Object.prototype, Function.prototype].map(names)).toEqual(before);
    }),
    { seed, interruptAfterTimeLimit: 1_000, numRuns: 1_000 },
  );
});
