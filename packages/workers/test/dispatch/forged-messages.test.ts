// A fuzz of what reads the messages of a worker: honest steps, and between them messages that no honest worker sends. No
// call has a value that its own worker did not return, the other workers go on, and every call settles once.
// OFFLOOP_FUZZ_SEED repeats a run; the seed is printed.
import fc from "fast-check";
import { beforeEach, expect, it, vi } from "vitest";
import { THROWN, VALUE } from "#workers/protocol/messages.js";
import type { CallStream } from "#workers/dispatch/call-stream.js";
import { FakePool, functionOf } from "./fake-pool.js";
import type { FakeWorker } from "./fake-worker.js";

const seed = Number(process.env.OFFLOOP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`forged messages: OFFLOOP_FUZZ_SEED=${seed}`);

const FORGED = "forged";

// The pool warns of each worker that ends between its calls. Here they are intended.
beforeEach(() => {
  const emitted = vi.spyOn(process, "emitWarning").mockReturnValue();
  return () => emitted.mockRestore();
});

/** How an id or a slot in a message differs from those of the calls that the worker has. */
const wrong = fc.constantFrom("another call's", "an earlier call's", "too large", "negative", "a fraction", "no number", "missing");
const junk = fc.oneof(fc.anything(), fc.constantFrom<unknown>(Object.create(null), new Proxy({}, { get() { throw new Error("trap"); } }), Number.NaN, 2 ** 40, -0));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("submit", "turn", "open", "begin", "answer", "cancel", "time", "exit"), which: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("settled", "settled", "items", "progress", "began", "callBack", "cancelBack"), which: fc.nat(7), id: wrong, slot: fc.oneof({ weight: 3, arbitrary: fc.constant("right") }, wrong), kind: fc.oneof({ weight: 3, arbitrary: fc.constant(VALUE) }, fc.nat(7)), more: junk }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("ready", "worn", "failed", "unreadable", "output", "settled without outcomes", "another type", "no message"), which: fc.nat(7), more: junk }) },
);

type Step = { readonly do: string; readonly which: number; readonly id?: string; readonly slot?: string; readonly kind?: number; readonly more?: unknown };

class Fuzzed {
  readonly #pool: FakePool;
  readonly #profile = functionOf(0.01);
  /** What arrived for calls from other messages than their own. */
  readonly wrong: unknown[] = [];
  readonly #earlier: number[] = [];
  readonly values = new Map<number, unknown>();

  constructor(shared: boolean) {
    this.#pool = new FakePool({ maxWorkers: 2, idleTimeoutMs: Infinity }, { shared });
    for (const each of ["submit", "submit", "submit", "turn", "open", "turn", "begin"]) this.take({ do: each, which: 0 });
  }

  take(each: Step): void {
    const { world, calls, kind } = this.#pool;
    const worker = kind.alive[each.which % Math.max(1, kind.alive.length)];
    switch (each.do) {
      case "submit":
        return this.#submit();
      case "turn":
        return world.settle();
      case "cancel":
        return void calls[each.which]?.cancel("enough");
      case "time":
        return void (world.nextTimerMs !== undefined && world.advance(world.nextTimerMs));
    }
    if (worker === undefined) return;
    switch (each.do) {
      case "open":
        return worker.opened ? undefined : worker.open();
      case "begin":
        return void worker.begin();
      case "answer":
        return this.#answer(worker);
      case "exit":
        return worker.exit();
      default:
        this.#forge(worker, each);
    }
  }

  /** All workers behave correctly from now on, and every call must settle. */
  async finish(): Promise<void> {
    const { world, kind, calls, dispatcher } = this.#pool;
    const closed = dispatcher.shutdown();
    for (let progress = true; progress; ) {
      for (let turn = 0; turn < 8; turn += 1) await undefined;
      progress = world.busy;
      world.settle();
      for (const worker of kind.alive) {
        if (!worker.opened) worker.open();
        else if (worker.running !== undefined) this.#answer(worker);
        else if (worker.queued > 0) worker.begin();
        else if (worker.closing || worker.killed) worker.exit({ exitCode: 0 });
        else continue;
        progress = true;
      }
      if (!progress && world.nextTimerMs !== undefined && (dispatcher.books.pending > 0 || dispatcher.fleet.lanes.size > 0)) {
        world.advance(world.nextTimerMs); // a fleet waits before it starts workers again
        progress = true;
      }
    }
    await closed;
    const { submitted, fulfilled, rejected, cancelled } = dispatcher.books.counts;
    expect([submitted, dispatcher.books.pending, dispatcher.waiting]).toEqual([fulfilled + rejected + cancelled, 0, 0]);
    for (const call of calls) if (call.future.state === "fulfilled" && this.values.get(call.id) !== call.id) this.wrong.push(this.values.get(call.id));
    expect(this.wrong).toEqual([]);
  }

  #submit(): void {
    const heard = (value: unknown): void => void (value === FORGED && this.wrong.push(value));
    const call = this.#pool.submit({ graceMs: 20, onProgress: heard }, this.#profile);
    call.stream = { push: (items: unknown[]) => items.forEach(heard) } as CallStream<unknown>;
    call.future.then((value) => this.values.set(call.id, value), () => {});
  }

  #answer(worker: FakeWorker): void {
    const { running } = worker;
    if (running === undefined) return;
    this.#earlier.push(running.id);
    worker.answer(running.id);
  }

  /** Sends a message about a call that the worker does not have. */
  #forge(worker: FakeWorker, each: Step): void {
    const held = [...(worker.running === undefined ? [] : [worker.running]), ...worker.queue];
    const others = this.#pool.calls.filter(({ id }) => !held.some((call) => call.id === id));
    const [first] = held;
    const number = (how: string | undefined, right: number | undefined, other: unknown): unknown =>
      ({ right, "another call's": other, "an earlier call's": this.#earlier.at(-1) ?? 0, "too large": 2 ** 31, negative: -1, "a fraction": 0.5, "no number": "1" })[how ?? "missing"];
    const id = number(each.id, undefined, others[each.which % Math.max(1, others.length)]?.id);
    const slot = number(each.slot, first?.slot, 5);
    const forged = this.#message(each, id, slot, each.more);
    if (held.some((call) => call.id === id)) return; // the worker has this call: the message is its answer
    const taken = worker.sends(forged);
    if (each.do === "settled" && taken && !worker.killed) this.wrong.push("a forged answer was taken");
  }

  #message(each: Step, id: unknown, slot: unknown, more: unknown): unknown {
    switch (each.do) {
      case "settled":
        return { type: "settled", outcomes: [id, (slot as number) * 8 + each.kind!, each.kind === THROWN ? more : FORGED], ms: [more] };
      case "items":
        return { type: "items", slot, id, items: [FORGED, more], packed: [1] };
      case "progress":
        return { type: "progress", slot, id, value: FORGED };
      case "began":
        return { type: "began", slot, id };
      case "callBack":
        return { type: "callBack", id: 0.5, call: id, fn: slot, name: FORGED, args: more };
      case "cancelBack":
        return { type: "cancelBack", id, reason: more };
      case "settled without outcomes":
        return { type: "settled", outcomes: more };
      case "output":
        return { type: "output", stream: "stderr", callName: more, text: more };
      case "another type":
        return { type: more };
      case "no message":
        return more;
      default:
        return { type: each.do, thrown: more, buffers: more };
    }
  }
}

/** A pool without shared memory, and the call that its worker runs. */
function oneRunning() {
  const pool = new FakePool({}, { shared: false });
  const call = pool.submit({}, functionOf(0.01));
  pool.world.settle();
  const worker = pool.workers[0]!;
  worker.open();
  pool.world.settle();
  return { pool, call, worker, running: worker.begin()! };
}

it.each([
  ["nothing", null],
  ["an empty object", {}],
  ["a text", "text"],
  ["errors that are no list", { root: [1], errors: 5 }],
])("a call whose worker answers that it threw %s rejects, and is the end of it", async (_what, thrown) => {
  const { pool, call, worker, running } = oneRunning();
  worker.sends({ type: "settled", outcomes: [running.id, running.slot * 8 + THROWN, thrown], ms: [1] });
  await expect(call.future).rejects.toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
  expect([worker.killed, pool.dispatcher.books.pending]).toEqual([false, 0]);
});

it.each([undefined, Number.NaN, -1, Infinity, "1", null])("a worker whose answer says that its call took %j ms has written no answer of ours: it ends, and its call is told", async (ms) => {
  const { call, worker, running } = oneRunning();
  expect(worker.sends({ type: "settled", outcomes: [running.id, running.slot * 8 + VALUE, 1], ms: [ms] })).toBe(false);
  await expect(call.future).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED" });
});

it.each([true, false])("no message of a worker settles a call of another one, or loses a call (shared memory: %s)", async (shared) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const fuzzed = new Fuzzed(shared);
      for (const each of steps) {
        fuzzed.take(each);
        for (let turn = 0; turn < 4; turn += 1) await undefined;
      }
      await fuzzed.finish();
    }),
    { seed, interruptAfterTimeLimit: 2_000, numRuns: 300 },
  );
}, 60_000);
