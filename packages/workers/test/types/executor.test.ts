// The types of a call. The type check verifies the lines marked as errors; they do not run.
import { AsyncLocalStorage } from "node:async_hooks";
import { type CallArguments, type Callable, type CallEvent, type CallFuture, channels, type DataWithoutMethods, type Executor, type FunctionsDoNotArrive, InlineExecutor, type MapItem, type MapOptions, move, propagate, type Received, type Streamed, task, type TaskReference, ThreadPoolExecutor, transfer, type TypedChannel, type WorkerExitedEvent, workerModule } from "@offloop/workers";
import type { MessagePort } from "node:worker_threads";
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

interface Limits {
  timeoutMs?: number;
  name?: string;
}
const limited = (limits: Limits): number => limits.timeoutMs ?? 0;
function ofDate(this: Date, days: number): number {
  return this.getDate() + days;
}

it("a function passed directly keeps its generics, its defaults, and takes its parameters from the arguments", () => {
  const calls = () => {
    expectTypeOf(executor.submit(<T>(x: T) => x, 5)).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(executor.submit(async <T, U extends object>(x: T, y: U) => ({ x, y }), "a", { b: 1 })).toEqualTypeOf<CallFuture<{ x: string; y: { b: number } }>>();
    expectTypeOf(executor.submit((a: number, b = 5) => a + b, 1)).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(executor.submit((x, y) => `${x.toFixed()}${y.trim()}`, 5, "a")).toEqualTypeOf<CallFuture<string>>();
    expectTypeOf(executor.submit(({ n }) => n * 2, { n: 5 })).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(executor.map(<T>(x: T) => x, [1, 2])).toEqualTypeOf<AsyncIterableIterator<number>>();
    expectTypeOf(executor.map((x) => x * 2, new Set([1]))).toEqualTypeOf<AsyncIterableIterator<number>>();
    expectTypeOf(executor.broadcast(<T>(x: T) => x, 5)).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(executor.stream(<T>(x: T) => [x], 5)).toEqualTypeOf<AsyncIterableIterator<number>>();
    // @ts-expect-error the second argument is missing
    void executor.submit((x: number, y: number) => x + y, 5);
    // @ts-expect-error the default is a number
    void executor.submit((a: number, b = 5) => a + b, 1, "2");
  };
  expectTypeOf(calls).toBeFunction();
});

it("a misspelt key of an argument is refused", () => {
  const calls = () => {
    void executor.submit(limited, { name: "x", timeoutMs: 5 });
    // @ts-expect-error the key is timeoutMs
    void executor.submit(limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    void executor.submit((limits: Limits) => limits.name, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    void executor.map(limited, [{ name: "x", timeoutMS: 5 }]);
    // @ts-expect-error the key is timeoutMs
    void executor.broadcast(limited, { name: "x", timeoutMS: 5 });
  };
  expectTypeOf(calls).toBeFunction();
});

it("a function that declares a this is refused, as a call has none", () => {
  const calls = () => {
    void executor.submit(function (this: void, a: number) {
      return a;
    }, 1);
    // @ts-expect-error a call has no this
    void executor.submit(ofDate, 1);
    // @ts-expect-error a call has no this
    void executor.broadcast(ofDate, 1);
    // @ts-expect-error a call has no this
    void executor.map(ofDate, [1]);
  };
  expectTypeOf(calls).toBeFunction();
});

class Point {
  x = 1;
  readonly tags: string[] = [];
  #secret = 2;
  length(): number {
    return this.x + this.#secret;
  }
}
interface Row {
  id: number;
  anything: any;
  children: Row[];
}

it("an instance arrives as its data, and a function does not arrive", () => {
  const calls = async () => {
    const point = await executor.submit(() => new Point());
    expectTypeOf(point.x).toEqualTypeOf<number>();
    expectTypeOf(point).toEqualTypeOf<DataWithoutMethods<Point>>();
    // @ts-expect-error methods stay with their class
    point.length();
    const [first] = await executor.submit(() => [new Point()]);
    // @ts-expect-error methods stay with their class
    first?.length();
    const one = await executor.submit((x: number) => (x > 0 ? x : () => x), 1);
    expectTypeOf(one).toEqualTypeOf<number | FunctionsDoNotArrive>();
    for await (const each of executor.map(() => new Point(), [1])) expectTypeOf(each).toEqualTypeOf<DataWithoutMethods<Point>>();
    for await (const each of executor.stream(() => [new Point()])) expectTypeOf(each).toEqualTypeOf<DataWithoutMethods<Point>>();
  };
  expectTypeOf(calls).toBeFunction();
});

it("a function that returns functions alone, or classes, is refused at its call", () => {
  const makeAdd = (x: number) => (y: number) => x + y;
  const refused = () => {
    // @ts-expect-error a function cannot be copied
    void executor.submit(makeAdd, 1);
    // @ts-expect-error a function cannot be copied
    void executor.submit(() => () => 1);
    // @ts-expect-error a function cannot be copied
    void executor.submit(async () => () => 1);
    // @ts-expect-error a class cannot be copied
    void executor.submit(() => Point);
    // @ts-expect-error a function cannot be copied
    void executor.map(makeAdd, [1]);
    // @ts-expect-error a function cannot be copied
    void executor.stream(() => [makeAdd]);
    // @ts-expect-error a function cannot be copied
    void executor.broadcast(makeAdd, 1);
    // @ts-expect-error a function cannot be copied
    void executor.with({}).submit(workerModule<{ makeAdd: typeof makeAdd }>("file:///add.js").makeAdd, 1);
  };
  expectTypeOf(refused).toBeFunction();
});

it("what a function returns is inferred as without that check", () => {
  const calls = () => {
    expectTypeOf(executor.submit(() => "a")).toEqualTypeOf<CallFuture<string>>();
    expectTypeOf(executor.submit((x: number) => [x, "a"], 1)).toEqualTypeOf<CallFuture<(string | number)[]>>();
    expectTypeOf(executor.submit((): any => 1)).toEqualTypeOf<CallFuture<any>>();
    expectTypeOf(executor.submit((): unknown => 1)).toEqualTypeOf<CallFuture<unknown>>();
    expectTypeOf(executor.submit(() => {})).toEqualTypeOf<CallFuture<void>>();
    expectTypeOf(executor.submit((): never => { throw new Error(); })).toEqualTypeOf<CallFuture<never>>();
    expectTypeOf(executor.submit(async (x: number) => ({ x }), 1)).toEqualTypeOf<CallFuture<{ x: number }>>();
    const limits: Promise<Limits> = executor.submit(() => ({ name: "x" }));
    const literal: Promise<"a" | "b"> = executor.submit(() => "a");
    const pair: Promise<[number, string]> = executor.submit((x: number) => [x, "a"], 1);
    return [limits, literal, pair];
  };
  expectTypeOf(calls).toBeFunction();
});

it("data, and objects that cross as what they are, keep their type", () => {
  expectTypeOf<Received<Row>>().toEqualTypeOf<Row>();
  expectTypeOf<Received<[number, Row?]>>().toEqualTypeOf<[number, Row?]>();
  expectTypeOf<Received<string | boolean | undefined>>().toEqualTypeOf<string | boolean | undefined>();
  expectTypeOf<Received<unknown>>().toBeUnknown();
  expectTypeOf<Received<any>>().toBeAny();
  expectTypeOf<Received<never>>().toBeNever();
  expectTypeOf<Received<void>>().toBeVoid();
  expectTypeOf<Received<Date | Map<string, Row> | Uint8Array | Error>>().toEqualTypeOf<Date | Map<string, Row> | Uint8Array | Error>();
  expectTypeOf<Received<MessagePort>>().toEqualTypeOf<MessagePort>();
  expectTypeOf<Received<ReadableStream<string>>>().toEqualTypeOf<ReadableStream<string>>();
  expectTypeOf<Received<Blob>>().toEqualTypeOf<Blob>();
});

it("a generic wrapper passes its function and arguments on", () => {
  const wrap = <A extends unknown[], R>(fn: (...args: A) => R, ...args: A) => executor.submit(fn, ...args);
  const each = <T, R>(fn: (item: T) => R, items: T[]) => executor.map(fn, items);
  const retried = async <A extends any[], R>(fn: Callable<A, Promise<R>>, ...args: CallArguments<A>) => executor.submit(fn, ...args);
  class Job<I extends object, O> {
    readonly work: (input: I) => O | Promise<O>;
    constructor(work: (input: I) => O | Promise<O>) {
      this.work = work;
    }
    run(input: I): CallFuture<Received<Awaited<O>>> {
      return executor.submit(this.work, input);
    }
  }
  const calls = () => {
    expectTypeOf(wrap(add, 1, 2)).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(each(limited, [{ timeoutMs: 1 }])).toEqualTypeOf<AsyncIterableIterator<number>>();
    expectTypeOf(retried(addLater, 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(new Job(limited).run({ timeoutMs: 1 })).toEqualTypeOf<CallFuture<number>>();
  };
  expectTypeOf(calls).toBeFunction();
});

/** An executor of one's own, as a test of a user may have one. */
class Own implements Executor {
  readonly kind = "own";
  readonly name = "own";
  ready = () => executor.ready();
  warmUp = (workers?: number) => executor.warmUp(workers);
  with = (): Executor => this;
  stats = () => executor.stats();
  shutdown = () => executor.shutdown();
  submit<A extends any[], R>(fn: Callable<A, R>, ...args: CallArguments<A>): CallFuture<Received<Awaited<R>>> {
    return executor.submit(fn, ...args);
  }
  map<T, R>(fn: Callable<[item: T], R>, items: Iterable<MapItem<T>> | AsyncIterable<MapItem<T>>, options?: MapOptions): AsyncIterableIterator<Received<Awaited<R>>> {
    return executor.map(fn, items, options);
  }
  stream<A extends any[], T>(fn: Callable<A, Streamed<T>>, ...args: CallArguments<A>): AsyncIterableIterator<Received<T>> {
    return executor.stream(fn, ...args);
  }
  broadcast<A extends any[], R>(fn: Callable<A, R>, ...args: CallArguments<A>): Promise<Received<Awaited<R>>[]> {
    return executor.broadcast(fn, ...args);
  }
  [Symbol.asyncDispose] = () => executor.shutdown();
}

it("an executor can be implemented without the checks", () => {
  const calls = (own: Executor) => {
    expectTypeOf(own.submit(add, 1, 2)).toEqualTypeOf<CallFuture<number>>();
    expectTypeOf(new Own().submit(add, 1, 2)).toEqualTypeOf<CallFuture<number>>();
  };
  expectTypeOf(calls).toBeCallableWith(new Own());
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
    void executor.with({ onProgress: (value) => expectTypeOf(value).toBeUnknown() });
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
    const image = { pixels: new Float64Array(1) };
    expectTypeOf(move(image)).toEqualTypeOf<typeof image>();
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
