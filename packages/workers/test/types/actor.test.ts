// The types of an actor. The type check verifies the lines marked as errors; they do not run.
import { type Actor, closeActor, type Proxied, proxy, type Remote, spawnActor, withSignal } from "@offloop/workers";
import { expectTypeOf, it } from "vitest";

interface Row {
  readonly id: number;
  readonly tags: string[];
}

class Cursor {
  at = 0;
  step(by = 1): number {
    return (this.at += by);
  }
}

class Store {
  readonly path: string;
  readonly #secret = 1;
  settings = { limit: 5, created: new Date(0) };
  tools = { double: (x: number): number => x * 2, label: "tools" };
  anything: any;

  constructor(path: string, onChange?: (row: Row) => void) {
    this.path = path;
    onChange?.({ id: this.#secret, tags: [] });
  }
  get size(): number {
    return 0;
  }
  insert(row: Row, tag?: string): number {
    return row.id + (tag?.length ?? 0);
  }
  async find(id: number): Promise<Row | undefined> {
    return id > 0 ? { id, tags: [] } : undefined;
  }
  each(visit: (row: Row, index: number) => Promise<boolean> | boolean): Promise<void> {
    return Promise.resolve(visit({ id: 1, tags: [] }, 0)).then(() => {});
  }
  *rows(): Generator<Row, string> {
    yield { id: 1, tags: [] };
    return "end";
  }
  async *ticks(): AsyncGenerator<number> {
    yield 1;
  }
  bytes(): ReadableStream<Uint8Array> {
    return new ReadableStream();
  }
  cursor(): Proxied<Cursor> {
    return proxy(new Cursor());
  }
  use(cursor: Remote<Cursor>): void {
    void cursor.step();
  }
  list(): Row[] {
    return [];
  }
  [Symbol.dispose](): void {}
}

declare const store: Actor<Store>;
declare const database: typeof import("../fixtures/actor-database.js");
type Database = typeof database;

it("types methods as asynchronous, and properties as promises", () => {
  const calls = () => {
    expectTypeOf(store.insert({ id: 1, tags: [] })).resolves.toEqualTypeOf<number>();
    expectTypeOf(store.find(1)).resolves.toEqualTypeOf<Row | undefined>();
    expectTypeOf(store.list()).resolves.toEqualTypeOf<Row[]>();
    expectTypeOf(store.size).toEqualTypeOf<Promise<number>>();
    expectTypeOf(store.path).toEqualTypeOf<Promise<string>>();
    expectTypeOf(store.settings).toEqualTypeOf<Promise<{ limit: number; created: Date }>>();
    expectTypeOf(store.tools.double(2)).resolves.toEqualTypeOf<number>();
    expectTypeOf(store.tools.label).toEqualTypeOf<Promise<string>>();
    expectTypeOf(store.anything).toBeAny();
    expectTypeOf(store[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error a string is no row
    void store.insert("row");
    // @ts-expect-error an argument is missing
    void store.find();
    // @ts-expect-error there is no such method
    void store.insret({ id: 1, tags: [] });
    // @ts-expect-error properties cannot be set from here
    store.settings = { limit: 1, created: new Date() };
    // @ts-expect-error a property is a promise, no value
    const limit: number = store.settings.limit;
    // @ts-expect-error members named by symbols stay on the other side
    void store[Symbol.dispose];
    return limit;
  };
  expectTypeOf(calls).toBeFunction();
});

it("wants callbacks marked, and types their parameters", () => {
  const calls = () => {
    void store.each(
      proxy((row, index) => {
        expectTypeOf(row).toEqualTypeOf<Row>();
        expectTypeOf(index).toEqualTypeOf<number>();
        return row.id > index;
      }),
    );
    void store.each(proxy(async () => true));
    // @ts-expect-error a callback that is not marked cannot be copied
    void store.each(() => true);
    // @ts-expect-error the callback answers with a boolean
    void store.each(proxy(() => "yes"));
  };
  expectTypeOf(calls).toBeFunction();
});

it("gives iterators and streams as async iterables, and marked objects in their remote form", () => {
  const calls = async () => {
    for await (const row of store.rows()) expectTypeOf(row).toEqualTypeOf<Row>();
    for await (const tick of store.ticks()) expectTypeOf(tick).toEqualTypeOf<number>();
    for await (const chunk of store.bytes()) expectTypeOf(chunk).toEqualTypeOf<Uint8Array>();
    expectTypeOf((await store.rows()).next()).resolves.toEqualTypeOf<IteratorResult<Row, string>>();
    using cursor = await store.cursor();
    expectTypeOf(cursor).toEqualTypeOf<Remote<Cursor>>();
    expectTypeOf(cursor.step(2)).resolves.toEqualTypeOf<number>();
    await store.use(cursor);
    await store.use(proxy(new Cursor()));
    // @ts-expect-error an object that is not marked would be copied without its methods
    await store.use(new Cursor());
    // @ts-expect-error rows are copied: there is nothing to loop over before they have come
    for await (const row of store.list()) void row;
  };
  expectTypeOf(calls).toBeFunction();
});

it("checks what a class is constructed with", () => {
  const calls = async () => {
    expectTypeOf(spawnActor(Store, "a.db")).resolves.toEqualTypeOf<Actor<Store>>();
    expectTypeOf(spawnActor.with({ kind: "process", restart: "on-crash" })(Store, "a.db", proxy(() => {}))).resolves.toEqualTypeOf<Actor<Store>>();
    // @ts-expect-error the path is missing
    void spawnActor(Store);
    // @ts-expect-error the path is a string
    void spawnActor(Store, 7);
    // @ts-expect-error the callback is not marked
    void spawnActor(Store, "a.db", () => {});
    // @ts-expect-error there is no such kind
    void spawnActor.with({ kind: "fiber" });
    // @ts-expect-error there is no such option
    void spawnActor.with({ workers: 2 });
    await using actor = await spawnActor(Store, "a.db");
    expectTypeOf(withSignal(actor, AbortSignal.timeout(5)).size).toEqualTypeOf<Promise<number>>();
  };
  expectTypeOf(calls).toBeFunction();
});

abstract class Shape {
  abstract area(): number;
}

class Instance {
  name = "instance";
  readonly sides: number[] = [];
  area(): number {
    return this.sides.length;
  }
}

interface Plugin {
  name?: string;
  tools?: { run(x: number): string };
  onLine?: (line: string) => number;
  watch(path: string, onChange?: (line: string, at: number) => void): Instance;
}

declare const plugin: Actor<Plugin>;

it("has optional members, and gives an optional callback its parameters' types", () => {
  const calls = () => {
    expectTypeOf(plugin.name).toEqualTypeOf<Promise<string | undefined>>();
    expectTypeOf(plugin.onLine("a")).resolves.toEqualTypeOf<number>();
    expectTypeOf(plugin.tools.run(5)).resolves.toEqualTypeOf<string>();
    void plugin.watch("a");
    void plugin.watch(
      "a",
      proxy((line, at) => {
        expectTypeOf(line).toEqualTypeOf<string>();
        expectTypeOf(at).toEqualTypeOf<number>();
      }),
    );
    // @ts-expect-error a callback that is not marked cannot be copied
    void plugin.watch("a", () => {});
    // The result of a callback that returns nothing is not looked at.
    void plugin.watch("a", proxy((line) => line.length));
    void plugin.watch("a", proxy(async (line) => line.length));
    // @ts-expect-error the first parameter is a string
    void plugin.watch("a", proxy((line: number) => line));
  };
  expectTypeOf(calls).toBeFunction();
});

it("gives an instance as its data", () => {
  const calls = async () => {
    const instance = await plugin.watch("a");
    expectTypeOf(instance.name).toEqualTypeOf<string>();
    expectTypeOf(instance.sides).toEqualTypeOf<number[]>();
    // @ts-expect-error methods do not cross
    instance.area();
  };
  expectTypeOf(calls).toBeFunction();
});

it("refuses an abstract class, and closes an actor by a function", () => {
  const calls = () => {
    // @ts-expect-error nothing can be constructed from it
    void spawnActor(Shape);
    expectTypeOf(closeActor(plugin)).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error it is no actor
    void closeActor(new Instance());
  };
  expectTypeOf(calls).toBeFunction();
});

it("takes a module by its type", () => {
  const calls = async () => {
    const actor = await spawnActor<Database>(new URL("./database.js", import.meta.url));
    expectTypeOf(actor.query("select 1")).resolves.toEqualTypeOf<unknown[]>();
    expectTypeOf(actor.version).toEqualTypeOf<Promise<string>>();
    const parser = await new actor.Parser("ansi");
    expectTypeOf(parser.parse("select")).resolves.toEqualTypeOf<string[]>();
    // @ts-expect-error the dialect is a string
    void new actor.Parser(1);
    // @ts-expect-error a relative name says nothing without a base; types take URLs and strings alone
    void spawnActor<Database>(7);
  };
  expectTypeOf(calls).toBeFunction();
});
