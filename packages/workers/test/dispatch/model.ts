// The model of a pool for the model check: the real dispatcher in a virtual world, with the steps that callers, workers
// and time may take, and the invariants that must hold after each step. At the end of each path all workers behave
// correctly, and every call must settle without time passing.
//
// A state that was already explored with as many remaining steps is skipped.
import { spareCores } from "#workers/dispatch/spare-cores.js";
import type { Call } from "#workers/dispatch/call.js";
import type { PoolOptions } from "#workers/dispatch/pool-options.js";
import type { CallLimiter, CallOptions, ShutdownOptions } from "@offloop/workers";
import { expect } from "vitest";
import { FakePool, functionOf } from "./fake-pool.js";
import type { FakeOptions, FakeWorker } from "./fake-worker.js";

export interface Config {
  readonly pool: PoolOptions;
  readonly fake: FakeOptions;
  readonly call: CallOptions;
  /** The number of calls. With `broadcast`, there is one broadcast in addition. */
  readonly calls: number;
  readonly broadcast?: boolean;
  /** The measured run time of their function; `undefined` for an unmeasured function. */
  readonly runMs?: number;
  /** The number of workers that may exit by themselves. */
  readonly exits: number;
  readonly shutdown?: ShutdownOptions;
}

/** Runs the pending microtasks, for example after a limiter has room or at a step of a shutdown. */
async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await undefined;
}

/** The running call returns its own id. */
const answer = (worker: FakeWorker): void => worker.answer(worker.running!.id);

const busyWorkers = (): number => Atomics.load(new Int32Array(spareCores.buffer), 0);

class Model {
  readonly #config: Config;
  readonly #pool: FakePool;
  readonly #profile;
  readonly #limiter: CallLimiter & { room: number; waiting: (() => void)[] };
  readonly #begun = new Map<number, number>();
  /** The values of the calls whose futures are fulfilled. */
  readonly #values = new Map<Call, unknown>();
  /** For each call that is back in the queue: the step that put it there. */
  readonly #requeuedAt = new Map<Call, number>();
  readonly #busyBefore = busyWorkers();
  #submitted = 0;
  #broadcast = false;
  #exits = 0;
  #step = 0;
  #closing: Promise<void> | undefined;
  closed = false;

  constructor(config: Config) {
    this.#config = config;
    this.#pool = new FakePool({ idleTimeoutMs: Infinity, ...config.pool }, { capacity: 4, ...config.fake });
    this.#profile = functionOf(config.runMs);
    this.#limiter = {
      room: 2,
      waiting: [],
      acquire() {
        if (this.room > 0) return void (this.room -= 1);
        return new Promise<void>((resolve) => this.waiting.push(resolve));
      },
      release() {
        const next = this.waiting.shift();
        if (next === undefined) this.room += 1;
        else next();
      },
    };
  }

  /** The steps that are possible now, by name. */
  actions(): [name: string, act: () => void][] {
    const { world, kind, calls } = this.#pool;
    const options = { ...this.#config.call, limiter: this.#limiter };
    const found: [string, () => void][] = [];
    const offer = (may: boolean, name: string, act: () => void): void => void (may && found.push([name, act]));
    offer(this.#submitted < this.#config.calls, "submit", () => void ((this.#submitted += 1), this.#watch([this.#pool.submit(options, this.#profile)])));
    offer(this.#config.broadcast === true && !this.#broadcast, "broadcast", () => void ((this.#broadcast = true), this.#watch(this.#pool.broadcast(options, this.#profile))));
    offer(world.busy, "the turn ends", () => world.settle());
    kind.workers.forEach((worker, index) => {
      if (worker.gone) return;
      offer(!worker.opened && !worker.killed, `worker ${index} is ready`, () => worker.open());
      offer(worker.opened && worker.running === undefined && worker.queued > 0, `worker ${index} begins`, () => this.#begin(worker));
      offer(worker.running !== undefined, `worker ${index} answers`, () => answer(worker));
      offer(worker.running !== undefined && !worker.killed && this.#config.pool.maxTasksPerWorker !== undefined, `worker ${index} has grown`, () => worker.grow());
      offer(this.#exits < this.#config.exits && !worker.killed, `worker ${index} exits`, () => void ((this.#exits += 1), worker.exit()));
      offer(worker.killed || (worker.closing && worker.running === undefined), `worker ${index} ends`, () => worker.exit({ exitCode: 0 }));
    });
    calls.forEach((call, index) => offer(!call.settled && call.phase !== "stopping", `cancel ${index}`, () => void call.cancel("enough")));
    offer(world.nextTimerMs !== undefined, "time passes", () => world.advance(world.nextTimerMs!));
    offer(this.#closing === undefined && calls.length > 0, "shutdown", () => void this.#shutdown(this.#config.shutdown));
    return found;
  }

  async take(act: () => void): Promise<void> {
    const before = this.#pool.calls.map((call) => call.phase);
    this.#step += 1;
    act();
    await microtasks();
    this.#pool.calls.forEach((call, index) => {
      if (before[index] !== undefined && before[index] !== "queued" && before[index] !== "locating" && call.phase === "queued") this.#requeuedAt.set(call, this.#step);
    });
    this.#check();
  }

  /** All workers behave correctly: each starts, answers, and exits on request. No time passes. */
  async finish(): Promise<void> {
    const { world, kind, calls, dispatcher } = this.#pool;
    const settleAll = async (): Promise<void> => {
      await microtasks();
      for (let progress = true; progress; ) {
        progress = world.busy;
        world.settle();
        for (const worker of kind.alive) {
          if (worker.killed || (worker.closing && worker.running === undefined && worker.queued === 0)) worker.exit({ exitCode: 0 });
          else if (!worker.opened) worker.open();
          else if (worker.running !== undefined) answer(worker);
          else if (worker.queued > 0) this.#begin(worker);
          else continue;
          progress = true;
        }
        await microtasks();
        this.#check();
        progress ||= world.busy;
      }
    };
    await settleAll();
    for (const call of calls) {
      if (call.future.state === "pending") throw new Error(`a call is ${call.phase} for ever`);
    }
    if (this.#closing === undefined) this.#shutdown();
    await settleAll();
    if (!this.closed) throw new Error("the shutdown hangs");
    const left = { room: this.#limiter.room, waiting: dispatcher.waiting, pending: dispatcher.books.pending, lanes: [...dispatcher.fleet.all].length, timers: world.timers, busy: busyWorkers() - this.#busyBefore, undone: calls.filter((call) => call.phase !== "done").length };
    expect(left, `left: ${JSON.stringify(left)}`).toEqual({ room: 2, waiting: 0, pending: 0, lanes: 0, timers: 0, busy: 0, undone: 0 });
  }

  /** The complete state as text, with times relative to now. */
  signature(): string {
    const { world, kind, calls, dispatcher } = this.#pool;
    const first = calls[0]?.id ?? 0;
    const now = world.now();
    const requeues = [...new Set(this.#requeuedAt.values())].sort((a, b) => a - b);
    return JSON.stringify([
      calls.map((call) => [call.phase, call.future.state, call.limited, call.crashes.length, this.#begun.get(call.id), requeues.indexOf(this.#requeuedAt.get(call) ?? -1)]),
      kind.workers.map((worker) => worker.gone || [worker.opened, worker.closing, worker.killed, worker.running && worker.running.id - first, worker.told, worker.queue.map((call) => call.id - first)]),
      [...dispatcher.fleet.lanes, ...dispatcher.fleet.leaving].map((lane) => [lane.id, lane.phase, lane.held, lane.served, lane.heardAt - now, lane.idleSince - now, lane.calls().map((call) => [call.id - first, call.slot])]),
      [this.#submitted, this.#broadcast, this.#exits, this.#closing !== undefined, this.closed, this.#limiter.room, this.#limiter.waiting.length, this.#profile.expectedMicros, world.busy, world.timerDistances],
    ]);
  }

  #watch(calls: readonly Call[]): void {
    for (const call of calls) call.future.then((value) => this.#values.set(call, value), () => {});
  }

  #begin(worker: FakeWorker): void {
    const call = worker.begin();
    if (call === undefined) return;
    const times = (this.#begun.get(call.id) ?? 0) + 1;
    this.#begun.set(call.id, times);
    if (times > 1 + (this.#config.call.retries ?? 0)) throw new Error(`a call began ${times} times`);
  }

  #shutdown(options?: ShutdownOptions): void {
    this.#closing = this.#pool.dispatcher.shutdown(options).then(() => void (this.closed = true));
  }

  /** Checks the invariants of every state. */
  #check(): void {
    const { calls, dispatcher, kind } = this.#pool;
    const { submitted, fulfilled, rejected, cancelled } = dispatcher.books.counts;
    let pending = 0;
    let waiting = 0;
    let limited = 0;
    for (const call of calls) {
      if (call.limited) limited += 1;
      if (call.phase === "locating" || call.phase === "queued") waiting += 1;
      if ((call.future.state === "pending") === call.settled) throw new Error(`a call is ${call.phase}, and its future ${call.future.state}`);
      if (!call.settled) pending += 1;
      if (call.future.state === "fulfilled" && this.#values.get(call) !== call.id) throw new Error("a call has the value of another one");
      if (call.phase === "done" && call.limited) throw new Error("a call that is done holds room of its limiter");
    }
    // A call that was settled while it waited for its limiter may still receive room.
    if (this.#limiter.waiting.length === 0 && 2 - this.#limiter.room !== limited) throw new Error(`${2 - this.#limiter.room} places of the limiter are taken by ${limited} calls`);
    if (pending !== dispatcher.books.pending || submitted !== pending + fulfilled + rejected + cancelled) throw new Error("the books do not balance");
    if (waiting !== dispatcher.waiting) throw new Error(`${waiting} calls wait, and ${dispatcher.waiting} are counted`);
    for (const lane of dispatcher.fleet.all) {
      const held = lane.calls();
      if (held.length !== lane.held) throw new Error("a lane miscounts what it holds");
      for (const call of held) if (call.lane !== lane || !["sent", "stopping", "abandoned"].includes(call.phase)) throw new Error(`a lane holds a call that is ${call.phase}`);
    }
    for (const lane of dispatcher.fleet.leaving) if (lane.phase === "worn" && lane.idle) throw new Error("a worn worker stays without calls");
    const running = kind.alive.filter((worker) => worker.running !== undefined && !worker.killed).length;
    if (running > this.#config.pool.maxWorkers!) throw new Error(`${running} workers run calls at once`);
  }
}

/** Explores all paths up to the depth. @returns their number */
export async function explore(config: Config, depth: number): Promise<number> {
  const seen = new Map<string, number>();
  const path: { choice: number; of: number; name: string }[] = [];
  let paths = 0;
  for (;;) {
    const model = new Model(config);
    try {
      for (let step = 0; step < depth; step += 1) {
        const actions = model.actions();
        if (actions.length === 0) break;
        const here = (path[step] ??= { choice: 0, of: actions.length, name: "" });
        const [name, act] = actions[here.choice]!;
        here.name = name;
        await model.take(act);
        if (step < path.length - 1) continue; // on the way to where the last path left off
        const signature = model.signature();
        const left = depth - step - 1;
        if ((seen.get(signature) ?? -1) >= left) break;
        seen.set(signature, left);
      }
      await model.finish();
    } catch (error) {
      throw new Error(`after: ${path.map(({ name }) => name).join(", ")}`, { cause: error });
    }
    paths += 1;
    while (path.length > 0 && path.at(-1)!.choice + 1 === path.at(-1)!.of) path.pop();
    if (path.length === 0) return paths;
    path.at(-1)!.choice += 1;
  }
}

