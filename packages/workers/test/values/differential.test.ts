// Generated values and errors through a thread, a process and actors of both kinds, compared with what the same
// function gives in place: equal, or refused with a path. OFFLOOP_FUZZ_SEED repeats a run; the seed is printed.
import fc from "fast-check";
import { InlineExecutor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, expect, it } from "vitest";
import * as values from "../fixtures/values.mjs";

const seed = Number(process.env.OFFLOOP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`differential: OFFLOOP_FUZZ_SEED=${seed}`);

const thread = new ThreadPoolExecutor({ maxWorkers: 1 });
const process_ = new ProcessPoolExecutor({ maxWorkers: 1 });
const inline = new InlineExecutor();
const module = new URL("../fixtures/values.mjs", import.meta.url);
const spawnModule = spawnActor as unknown as (module: URL, options: { kind: "thread" | "process" }) => Promise<any>;
const actors = { thread: spawnModule(module, { kind: "thread" }), process: spawnModule(module, { kind: "process" }) };
afterAll(async () => {
  await Promise.all([thread, process_, inline].map((each) => each.shutdown({ timeoutMs: 0 })));
  for (const actor of Object.values(actors)) await (await actor)[Symbol.asyncDispose]();
});

class Custom extends RangeError {
  override name = "Custom";
}

const key = fc.string({ minLength: 1, maxLength: 6 }).filter((each) => !["__proto__", "then", "stack", "message", "name", "cause", "errors", "constructor", "toString", "valueOf"].includes(each));
const { value } = fc.letrec<{ value: unknown; error: Error }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.bigInt(), fc.date()),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc.float64Array({ maxLength: 4 }),
    fc.constantFrom("https://example.org/a?b=1", "file:///a%20b#c").map((href) => new URL(href)),
    fc.dictionary(key, fc.string({ maxLength: 5 }), { maxKeys: 3 }).map((entries) => new URLSearchParams(entries)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    fc.array(fc.tuple(fc.string({ maxLength: 4 }), tie("value")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 3 }).map((entries) => new Set(entries)),
    fc.array(tie("value"), { minLength: 1, maxLength: 2 }).map((list) => Object.assign(list, { 0: list, 1: { list } })),
    fc.constantFrom(() => 1, Promise.resolve(1), new WeakMap(), new AbortController().signal).map((refused) => ({ refused })),
    tie("error"),
  ),
  error: fc
    .tuple(fc.constantFrom(Error, TypeError, Custom, AggregateError as unknown as typeof Error), fc.string({ maxLength: 8 }), fc.dictionary(key, tie("value"), { maxKeys: 3 }), fc.option(tie("value"), { nil: undefined }))
    .map(([Class, message, properties, cause]) => {
      const error = (Class as unknown) === AggregateError ? new AggregateError([cause], message) : new Class(message, { cause });
      Object.assign(error, properties);
      Object.defineProperty(error, "hidden", { value: properties, enumerable: false, configurable: true, writable: true });
      return error;
    }),
}));

/** An object in a form that can be compared: errors by class name, flags and properties. A part of an error that cannot be sent arrives as a string that describes it. */
function shape(root: unknown): unknown {
  const seen = new Map<object, number>();
  const look = (each: unknown): unknown => {
    if (typeof each === "function" || (typeof each === "string" && each.endsWith("(could not be cloned)"))) return "unsendable";
    if (typeof each !== "object" || each === null) return typeof each === "number" && Object.is(each, -0) ? "-0" : each;
    if (each instanceof Promise || each instanceof WeakMap || each instanceof AbortSignal) return "unsendable";
    if (seen.has(each)) return { again: seen.get(each) };
    seen.set(each, seen.size);
    if (Buffer.isBuffer(each)) return { buffer: each.toString("hex") };
    if (ArrayBuffer.isView(each)) return { view: each.constructor.name, bytes: Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString("hex") };
    if (each instanceof Date) return { date: each.getTime() };
    if (each instanceof URL || each instanceof URLSearchParams) return { text: each.constructor.name + String(each) };
    if (each instanceof Map) return { map: [...each].flat().map(look) };
    if (each instanceof Set) return { set: [...each].map(look) };
    if (each instanceof Error) {
      const own = Reflect.ownKeys(each).filter((name) => name !== "stack").sort() as string[];
      return { error: each.constructor.name, text: String(each), own: own.map((name) => [name, each.propertyIsEnumerable(name), look((each as unknown as Record<string, unknown>)[name])]) };
    }
    return { [Array.isArray(each) ? "array" : "object"]: Object.entries(each).map(([name, item]) => [name, look(item)]) };
  };
  return look(root);
}

type Outcome = { readonly shape: unknown; readonly refused?: undefined } | { readonly refused: string; readonly shape?: undefined };

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { shape: shape(await call) };
  } catch (error) {
    const { code, path } = error as { code?: string; path?: string };
    if (code === "ERR_OFFLOOP_CLONE") return { refused: path! };
    return { shape: { thrown: shape(error) } };
  }
}

it("gives what runs in place, or refuses with a path: values", async () => {
  const through = { thread: (sent: unknown) => thread.submit(values.identity, sent), process: (sent: unknown) => process_.submit(values.identity, sent), "actor in a thread": async (sent: unknown) => (await actors.thread).identity(sent), "actor in a process": async (sent: unknown) => (await actors.process).identity(sent) };
  await fc.assert(
    fc.asyncProperty(value, async (sent) => {
      const expected = await outcomeOf(inline.submit(values.identity, sent));
      for (const [where, send] of Object.entries(through)) {
        const got = await outcomeOf(send(sent));
        if (got.refused === undefined) expect(got, where).toEqual(expected);
        else {
          expect(got.refused, where).toMatch(/^(args|result)/);
          expect(structuredCloneOf(sent), `${where}, at ${got.refused}`).toBe("refused");
        }
      }
    }),
    { seed, interruptAfterTimeLimit: 20_000, numRuns: 300 },
  );
}, 120_000);

/** Whether structured clone accepts the value, and the value has no part that offloop refuses. */
function structuredCloneOf(sent: unknown): "taken" | "refused" {
  try {
    structuredClone(sent);
    return holdsRefused(sent) ? "refused" : "taken";
  } catch {
    return "refused";
  }
}

function holdsRefused(root: unknown, seen = new Set<unknown>()): boolean {
  if (typeof root !== "object" || root === null || seen.has(root)) return false;
  seen.add(root);
  if (root instanceof AbortSignal) return true;
  const held = root instanceof Map || root instanceof Set ? [...root].flat() : root instanceof Error ? [] : Object.values(root);
  return held.some((each) => holdsRefused(each, seen));
}

it("keeps the errors that are thrown", async () => {
  await fc.assert(
    fc.asyncProperty(value.filter((each) => each instanceof Error), async (error) => {
      const expected = shape(error);
      for (const pool of [thread, process_]) {
        const got = await pool.submit(values.throwsIt, error).then(() => undefined, (thrown: unknown) => thrown);
        expect(shape(got)).toEqual(expected);
      }
    }),
    { seed, interruptAfterTimeLimit: 20_000, numRuns: 100 },
  );
}, 120_000);
