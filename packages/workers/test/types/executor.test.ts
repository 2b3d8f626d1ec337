// The types of a call. The type check verifies the lines marked as errors; they do not run.
import { AsyncLocalStorage } from "node:async_hooks";
import { type CallEvent, type CallFuture, channels, type Executor, InlineExecutor, move, propagate, task, type TaskReference, ThreadPoolExecutor, transfer, type TypedChannel, type WorkerExitedEvent, workerModule } from "@offloop/workers";
import { Readable } from "node:stream";
import { expectTypeOf, it } from "vitest";

const executor: Executor = new InlineExecutor();
const add = (a: number, b: number): number => a + b;
const addLater = async (a: number, b = 2): Promise<number> => a + b;
const reads = async (stream: Readable): Promise<string> => String(stream.readable);
function* counts(to: number): Generator<number, string> {
  for (let index = 0; index < to; index += 1) yield index;
  return "end";
}
async function* later(): AsyncGenerator<Date> {
  yield new Date();
}
function parse(text: string): object;
function parse(bytes: Uint8Array): number;
function parse(input: string | Uint8Array): object | number {
  return input.length;
}

it("submit gives the function's own result, awaited, and takes its arguments", () => {
  const calls = () => {
    expectTypeOf(executor.submit(add, 1, 2)).resolves.toEqualTypeOf<number>();
    expectTypeOf(executor.submit(addLater, 1)).resolves.toEqualTypeOf<number>();
    expectTypeOf(executor.submit(reads, Readable.from(["x"]))).resolves.toEqualTypeOf<string>();
    expectTypeOf(executor.submit(parse, new Uint8Array(1))).resolves.toEqualTypeOf<number>();
    // @ts-expect-error a string is no number
    void executor.submit(add, 1, "2");
    // @ts-expect-error an argument is missing
    void executor.submit(add, 1);
    // @ts-expect-error there is one too many
    void executor.submit(add, 1, 2, 3);
    // @ts-expect-error a name is no function
    void executor.submit("add", 1, 2);
  };
  expectTypeOf(calls).toBeFunction();
});

it("map and stream give their items", () => {
  const calls = () => {
    expectTypeOf(executor.map(addLater, [1, 2])).toEqualTypeOf<AsyncIterableIterator<number>>();
    expectTypeOf(executor.stream(counts, 3)).toEqualTypeOf<AsyncIterableIterator<number>>();
    expectTypeOf(executor.stream(later)).toEqualTypeOf<AsyncIterableIterator<Date>>();
    expectTypeOf(executor.broadcast(add, 1, 2)).resolves.toEqualTypeOf<number[]>();
    // @ts-expect-error the items are no numbers
    void executor.map(addLater, ["a"]);
    // @ts-expect-error a number cannot be iterated over
    void executor.stream(add, 1, 2);
    // @ts-expect-error there is no such option
    void executor.with({ timeout: 5 });
  };
  expectTypeOf(calls).toBeFunction();
});

it("workerModule has the functions of the module, and their types", () => {
  const calls = () => {
    const numbers = workerModule<{ add: typeof add; parse: typeof parse; version: string }>(new URL("file:///numbers.js"));
    expectTypeOf(executor.submit(numbers.add, 1, 2)).resolves.toEqualTypeOf<number>();
    expectTypeOf<typeof numbers.add>().toExtend<TaskReference<[number, number], number>>();
    // @ts-expect-error a string is no number
    void executor.submit(numbers.add, 1, "2");
    // @ts-expect-error what is no function cannot be called
    void executor.submit(numbers.version);
    // @ts-expect-error a reference cannot be called in place
    numbers.add(1, 2);
  };
  expectTypeOf(calls).toBeFunction();
});

it("a future is typed as its call's awaited result, and a view calls as its executor does", () => {
  const calls = () => {
    const view = executor.with({ signal: AbortSignal.timeout(5), priority: 1, onProgress: (done: number) => done });
    expectTypeOf(view).toEqualTypeOf<Executor>();
    expectTypeOf(view.submit(addLater, 1)).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(view.submit(addLater, 1).cancel("why")).toEqualTypeOf<boolean>();
    expectTypeOf(executor.ready()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(executor.warmUp(2)).toEqualTypeOf<Promise<void>>();
    // Of an overloaded function its last signature counts, as everywhere in TypeScript.
    // @ts-expect-error a string is no Uint8Array
    void executor.submit(parse, "text");
    // @ts-expect-error "stop" is no way to cancel
    void executor.with({ onCancel: "stop" });
    // @ts-expect-error a limiter can be released too
    void executor.with({ limiter: { acquire() {} } });
    // @ts-expect-error pools have no such option
    void new ThreadPoolExecutor({ maxThreads: 2 });
  };
  expectTypeOf(calls).toBeFunction();
});

it("marks keep the type of what they mark", () => {
  const marks = () => {
    expectTypeOf(transfer(new Uint8Array(1), [])).toExtend<Uint8Array>();
    expectTypeOf(move({ pixels: new Float64Array(1) })).toEqualTypeOf<{ pixels: Float64Array<ArrayBuffer> }>();
    expectTypeOf(task(add, { module: import.meta.url, export: "add" })).toEqualTypeOf<typeof add>();
    const storage = new AsyncLocalStorage<{ id: number }>();
    propagate(storage, { name: "test", encode: ({ id }) => id, decode: (id) => ({ id: id + 0 }) });
    // @ts-expect-error what was encoded is a number
    propagate(storage, { name: "test", encode: ({ id }) => id, decode: (id: string) => ({ id: Number(id) }) });
    // @ts-expect-error the name is missing
    propagate(storage, {});
  };
  expectTypeOf(marks).toBeFunction();
});

it("channels have the types of their payloads", () => {
  expectTypeOf(channels.callSubmitted).toEqualTypeOf<TypedChannel<CallEvent>>();
  expectTypeOf(channels.workerExited).toEqualTypeOf<TypedChannel<WorkerExitedEvent>>();
});
