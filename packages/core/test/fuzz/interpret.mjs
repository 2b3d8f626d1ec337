// Runs programs on offloop's loop and records their traces. It corresponds to oracle.py in every operation and
// every line of the trace, so a difference between two traces is a difference between the two loops.
import * as core from "@offloop/core";
import { CallFuture } from "@offloop/workers/executor";
import { errorTag, FuzzError } from "./error-tag.mjs";

/** A program's unit of time. It is much larger than the inaccuracy of a timer. */
const UNIT_MS = 10;
/** The time at which the remaining tasks are cancelled, in units. After twice this time the program ends. */
const END = 1000;

/** The program continued to the end of a block. */
const GO_ON = Symbol("go on");

/** An operation names an object that does not exist (yet). */
class Missing extends Error {}

const millis = (units) => (units === null ? undefined : units * UNIT_MS);

/** Runs one program. @returns its trace */
export async function interpret(source) {
  return await new Program(source).run();
}

/** The milliseconds after which the third of `interpretInMains` begins: its timers come between those of the others. */
const THIRD_AFTER_MS = 3;

/** Runs one program in three mains at once, each on a loop of its own. @returns the trace, or the different traces one after another */
export async function interpretInMains(source) {
  const traces = await Promise.all([0, 0, THIRD_AFTER_MS].map((afterMs) => inMain(source, afterMs)));
  return [...new Set(traces.map((trace) => JSON.stringify(trace)))].flatMap((trace) => JSON.parse(trace));
}

/** The trace, without the end of `run`: a program may swallow each cancellation and wait for ever. */
function inMain(source, afterMs) {
  return new Promise((resolve, reject) => {
    const main = async () => {
      await core.sleep(afterMs);
      resolve(await interpret(source));
    };
    core.run(main, { handleSignals: false }).catch(reject);
  });
}

class Program {
  constructor(source) {
    this.source = source;
    this.loop = core.getRunningLoop();
    this.loop.setExceptionHandler(() => {});
    this.env = new Map();
    this.names = new WeakMap();
    this.trace = [];
    this.open = true;
    this.calls = [];
    this.foreign = new Set(core.allTasks?.(this.loop) ?? []);
  }

  run() {
    return new Promise((resolve) => {
      this.loop.callSoon(() => {
        this.started = this.loop.time();
        this.loop.callLater(END * UNIT_MS, () => this.endFirst(resolve));
        this.bind("t0", this.loop.createTask(() => this.body("t0", this.source.main), { name: "t0" }));
      });
    });
  }

  endFirst(resolve) {
    this.dump("first");
    for (const each of [...this.env.values()]) if (each instanceof core.Task && !each.done()) each.cancel("end");
    this.loop.callLater(END * UNIT_MS, () => {
      this.dump("second");
      this.open = false;
      resolve(this.trace);
    });
  }

  dump(which) {
    for (const [name, each] of [...this.env]) if (each instanceof core.Future) this.note("end", which, name, this.state(each));
    for (const [number, call] of this.calls) this.note("end", which, number, this.state(call));
  }

  note(...what) {
    if (this.open) this.trace.push([Math.round((this.loop.time() - this.started) / UNIT_MS), ...what]);
  }

  bind(name, value) {
    this.env.set(name, value);
    this.names.set(value, name);
    return value;
  }

  get(name) {
    const found = name === "self" ? core.currentTask() : this.env.get(name);
    if (found === undefined) throw new Missing(name);
    return found;
  }

  state(future) {
    if (!future.done()) return ["pending"];
    if (future.cancelled()) return ["cancelled"];
    const error = future.exception();
    return error === undefined ? ["value", this.value(future.result())] : errorTag(error);
  }

  value(value) {
    if (value instanceof Error) return errorTag(value);
    if (Array.isArray(value)) return value.map((each) => this.value(each));
    if (value === undefined || value === null) return null;
    return ["boolean", "number", "string"].includes(typeof value) ? value : "?";
  }

  // -- blocks --------------------------------------------------------------------------------------

  async body(who, ops) {
    this.note(who, "begin");
    let value;
    try {
      value = await this.block(who, ops);
    } catch (error) {
      this.note(who, "throw", errorTag(error));
      throw error;
    }
    value = value === GO_ON ? null : value;
    this.note(who, "return", value);
    return value;
  }

  async block(who, ops) {
    for (const op of ops) {
      const signal = await this.step(who, op);
      if (signal !== GO_ON) return signal;
    }
    return GO_ON;
  }

  async step(who, op) {
    try {
      const run = this[`async_${op.op}`];
      if (run !== undefined) return await run.call(this, who, op);
      this.sync(who, op);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      this.note(who, op.n, "missing");
    }
    return GO_ON;
  }

  syncBlock(who, ops) {
    for (const op of ops) {
      try {
        this.sync(who, op);
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        this.note(who, op.n, "missing");
      }
    }
  }

  sync(who, op) {
    const result = this[`sync_${op.op}`](who, op);
    this.note(who, op.n, op.op, result ?? null);
  }

  /** Awaits the result of `start`, and records its value or error. */
  async awaiting(who, op, start, show = (value) => this.value(value)) {
    this.note(who, op.n, op.op, "…");
    let value;
    try {
      value = await start();
    } catch (error) {
      this.note(who, op.n, op.op, "!", errorTag(error));
      throw error;
    }
    this.note(who, op.n, op.op, "=", show(value));
    return GO_ON;
  }

  /** The value of `run`, or its error if it is one of the `expected` kinds. */
  tagged(run, expected) {
    try {
      return run();
    } catch (error) {
      const tag = errorTag(error);
      if (error instanceof Missing || !expected.includes(tag[0])) throw error;
      return tag;
    }
  }

  // -- plain ops: also allowed in callbacks ----------------------------------------------------------

  sync_log() {}

  sync_who() {
    return core.currentTask()?.getName();
  }

  sync_tasks() {
    return [...core.allTasks(this.loop)].filter((task) => !this.foreign.has(task)).length;
  }

  sync_future(who, op) {
    this.bind(op.name, this.loop.createFuture());
  }

  sync_set(who, op) {
    const future = this.get(op.x);
    return this.tagged(() => future.setResult(op.v), ["misuse"]);
  }

  sync_fail(who, op) {
    const future = this.get(op.x);
    return this.tagged(() => future.setException(new FuzzError(op.v)), ["misuse"]);
  }

  sync_cancel(who, op) {
    return op.msg === null ? this.get(op.x).cancel() : this.get(op.x).cancel(op.msg);
  }

  sync_uncancel(who, op) {
    return this.get(op.x).uncancel();
  }

  sync_cancelling(who, op) {
    return this.get(op.x).cancelling();
  }

  sync_state(who, op) {
    return this.state(this.get(op.x));
  }

  sync_result(who, op) {
    const future = this.get(op.x);
    try {
      return ["value", this.value(future.result())];
    } catch (error) {
      return errorTag(error);
    }
  }

  sync_spawn(who, op) {
    this.bind(op.name, this.loop.createTask(() => this.body(op.name, op.body), { name: op.name }));
  }


  children(op) {
    return op.xs.map((name) => this.get(name));
  }

  sync_gather(who, op) {
    this.bind(op.name, core.gather(this.children(op), { returnExceptions: op.all }));
  }

  sync_shield(who, op) {
    this.bind(op.name, core.shield(this.get(op.x)));
  }

  sync_soon(who, op) {
    this.bind(op.name, this.loop.callSoon(() => this.callback(op)));
  }

  sync_later(who, op) {
    this.bind(op.name, this.loop.callLater(millis(op.d), () => this.callback(op)));
  }

  sync_drop(who, op) {
    this.get(op.x).cancel();
  }

  sync_donecb(who, op) {
    this.get(op.x).addDoneCallback(() => this.callback(op));
  }

  callback(op) {
    this.note(op.name, "called");
    this.syncBlock(op.name, op.body);
  }

  sync_resched(who, op) {
    const scope = this.get(op.x);
    return this.tagged(() => scope.reschedule(op.d === null ? undefined : this.loop.time() + millis(op.d)), ["misuse"]);
  }

  sync_groupspawn(who, op) {
    const group = this.get(op.x);
    return this.tagged(() => {
      this.bind(op.name, group.createTask(() => this.body(op.name, op.body), { name: op.name }));
      return null;
    }, ["misuse"]);
  }

  /** An eager task runs up to its first wait before its creator continues. In JavaScript it runs in microtasks, so the creator waits for these. */
  async async_eager(who, op) {
    const task = this.loop.createTask(() => this.body(op.name, op.body), { name: op.name, eager: true });
    const microtasks = microtasksOf(op);
    for (let turn = 0; turn < microtasks; turn += 1) await undefined;
    this.bind(op.name, task);
    this.note(who, op.n, op.op, null);
    return GO_ON;
  }

  // -- calls of an executor --------------------------------------------------------------------------

  /** A call of an executor without workers: it settles at its time, one pass later, as `call_soon_threadsafe` does. */
  submit(op) {
    let over = false;
    const settler = CallFuture.create({
      cancel: (reason) => {
        if (over) return false;
        over = true;
        settler.fail(new core.CancelledError("cancelled", { cause: reason }), "cancelled");
        return true;
      },
    });
    this.calls.push([op.n, settler.future]);
    this.loop.callLater(millis(op.d), () => {
      if (over) return;
      over = true;
      this.loop.callSoon(() => (op.fails ? settler.fail(new FuzzError(op.v)) : settler.fulfil(op.v)));
    });
    return settler.future;
  }

  sync_call(who, op) {
    this.bind(op.name, core.wrapFuture(this.submit(op)));
  }

  async async_calling(who, op) {
    const call = this.submit(op);
    switch (op.how) {
      case "await":
        return await this.awaiting(who, op, () => call);
      case "waitfor":
        return await this.awaiting(who, op, () => core.waitFor(call, millis(op.limit)));
      case "gather":
        return await this.awaiting(who, op, () => core.gather([call]));
      default:
        return await this.awaiting(who, op, () => core.wait([call], { timeoutMs: millis(op.limit) }), ({ done, pending }) => [done, pending].map((half) => [...half].map((each) => each === call)));
    }
  }

  /** An async function that nothing awaits, at the end of its task. */
  async async_leave(who, op) {
    const x = this.get(op.x);
    if (core.currentTask().cancelling() === 0) void this.left(who, op, x);
    return GO_ON;
  }

  async left(who, op, x) {
    let value;
    try {
      value = this.value(await x);
    } catch (error) {
      value = errorTag(error);
    }
    this.note(who, op.n, "left", value);
  }

  // -- waiting ---------------------------------------------------------------------------------------

  async_sleep(who, op) {
    return this.awaiting(who, op, () => core.sleep(millis(op.d), { result: op.v }));
  }

  async async_await(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x);
  }

  async async_wait(who, op) {
    const xs = this.children(op);
    const show = ({ done, pending }) => [done, pending].map((half) => [...half].map((each) => this.names.get(each)).sort());
    return await this.awaiting(who, op, () => core.wait(xs, { timeoutMs: millis(op.d), returnWhen: op.when }), show);
  }

  async async_waitfor(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => core.waitFor(x, millis(op.d)));
  }

  async async_completed(who, op) {
    const xs = atMostOneDone(this.children(op));
    this.note(who, op.n, "completed", "…");
    try {
      for await (const each of core.asCompleted(xs, { timeoutMs: millis(op.d) })) this.note(who, op.n, "completed", this.names.get(each), this.state(each));
    } catch (error) {
      this.note(who, op.n, "completed", "!", errorTag(error));
      throw error;
    }
    this.note(who, op.n, "completed", "=");
    return GO_ON;
  }

  async async_timeout(who, op) {
    this.note(who, op.n, "timeout", "…");
    let scope;
    let signal;
    try {
      signal = await core.timeout(millis(op.d), async (entered) => {
        scope = this.bind(op.name, entered);
        return await this.block(who, op.body);
      });
    } catch (error) {
      this.note(who, op.n, "timeout", "!", errorTag(error), scope?.expired() ?? false);
      throw error;
    }
    this.note(who, op.n, "timeout", "=", scope.expired());
    return signal;
  }

  async async_group(who, op) {
    this.note(who, op.n, "group", "…");
    let signal;
    try {
      signal = await core.taskGroup(async (group) => {
        this.bind(op.name, group);
        return await this.block(who, op.body);
      });
    } catch (error) {
      this.note(who, op.n, "group", "!", errorTag(error));
      throw error;
    }
    this.note(who, op.n, "group", "=");
    return signal;
  }

  async async_try(who, op) {
    let signal;
    try {
      signal = await this.block(who, op.body);
    } catch (error) {
      if (error instanceof Missing || !catches(op.catch, error)) throw error;
      this.note(who, op.n, "caught", errorTag(error));
      signal = await this.block(who, op.handler);
      if (op.rethrow) throw error;
    } finally {
      if (op.final.length > 0 && this.open) {
        this.note(who, op.n, "finally");
        await this.block(who, op.final);
      }
    }
    return signal;
  }

  async async_raise(who, op) {
    this.note(who, op.n, "raise");
    throw op.cancelled ? new core.CancelledError(op.v, { cause: op.v }) : new FuzzError(op.v);
  }

  async async_return(who, op) {
    this.note(who, op.n, "returning");
    return op.v;
  }

  // -- locks and queues ------------------------------------------------------------------------------

  sync_lock(who, op) {
    this.bind(op.name, new core.Lock());
  }

  sync_semaphore(who, op) {
    this.bind(op.name, new core.Semaphore(op.v));
  }

  sync_event(who, op) {
    this.bind(op.name, new core.Event());
  }

  sync_condition(who, op) {
    this.bind(op.name, new core.Condition());
  }

  sync_barrier(who, op) {
    this.bind(op.name, new core.Barrier(op.v));
  }

  sync_queue(who, op) {
    const kinds = { fifo: core.Queue, lifo: core.LifoQueue, priority: core.PriorityQueue };
    this.bind(op.name, new kinds[op.kind](op.v));
  }

  /** Holds a lock or one of a semaphore's permits over a body. */
  async async_hold(who, op) {
    const x = this.get(op.x);
    await this.awaiting(who, op, () => x.acquire(), () => true);
    try {
      return await this.block(who, op.body);
    } finally {
      if (this.open) {
        x.release();
        this.note(who, op.n, "released", x.locked());
      }
    }
  }

  sync_locked(who, op) {
    return this.get(op.x).locked();
  }

  sync_release(who, op) {
    this.get(op.x).release();
  }

  sync_eventset(who, op) {
    this.get(op.x).set();
  }

  sync_eventclear(who, op) {
    this.get(op.x).clear();
  }

  async async_eventwait(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.wait(), () => true);
  }

  async async_conditionwait(who, op) {
    const x = this.get(op.x);
    await this.awaiting(who, op, () => x.acquire(), () => true);
    try {
      return await this.awaiting(who, op, () => x.wait(), () => true);
    } finally {
      if (this.open) {
        x.release();
        this.note(who, op.n, "released", x.locked());
      }
    }
  }

  async async_notify(who, op) {
    const x = this.get(op.x);
    await this.awaiting(who, op, () => x.acquire(), () => true);
    try {
      if (op.v === null) x.notifyAll();
      else x.notify(op.v);
      this.note(who, op.n, "notified");
      return GO_ON;
    } finally {
      x.release();
    }
  }

  async async_barrierwait(who, op) {
    const x = this.get(op.x);
    await this.awaiting(who, op, () => x.wait());
    this.note(who, op.n, x.nWaiting, x.broken);
    return GO_ON;
  }

  async async_barrierabort(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.abort());
  }

  async async_barrierreset(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.reset());
  }

  async async_put(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.put(op.v));
  }

  async async_take(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.get());
  }

  async async_takewithin(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => within(op, () => x.get()));
  }

  sync_handover(who, op) {
    const [x, task] = [this.get(op.x), this.get(op.t)];
    if (x instanceof core.Semaphore) {
      x.release();
      return task.cancel();
    }
    return [this.guarded(() => x.putNowait(op.v)), task.cancel()];
  }

  async async_putwithin(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => within(op, () => x.put(op.v)));
  }

  async async_eventwithin(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => within(op, () => x.wait()));
  }

  async async_holdwithin(who, op) {
    const x = this.get(op.x);
    await this.awaiting(who, op, () => within(op, () => x.acquire()), () => true);
    x.release();
    return GO_ON;
  }

  async async_join(who, op) {
    const x = this.get(op.x);
    return await this.awaiting(who, op, () => x.join());
  }

  guarded(run) {
    return this.tagged(() => ["value", this.value(run())], ["queue-empty", "queue-full", "queue-shutdown", "misuse"]);
  }

  sync_putnow(who, op) {
    const x = this.get(op.x);
    return this.guarded(() => x.putNowait(op.v));
  }

  sync_takenow(who, op) {
    const x = this.get(op.x);
    return this.guarded(() => x.getNowait());
  }

  sync_taskdone(who, op) {
    const x = this.get(op.x);
    return this.guarded(() => x.taskDone());
  }

  sync_shutdown(who, op) {
    this.get(op.x).shutdown({ immediate: op.v });
  }

  sync_size(who, op) {
    const x = this.get(op.x);
    return [x.qsize(), x.empty(), x.full()];
  }
}

/** waitFor() with a call that has begun, or with a function that begins it. */
function within(op, begin) {
  return core.waitFor(op.begun ? begin() : begin, millis(op.d));
}

function catches(kind, error) {
  const cancelled = error instanceof core.CancelledError;
  switch (kind) {
    case "cancelled":
      return cancelled;
    case "error":
      return !cancelled;
    default:
      return kind === "all";
  }
}

/** CPython handles futures that are already done in the order of their addresses, so a program may have only one of them. */
function atMostOneDone(futures) {
  const first = futures.find((each) => each.done());
  return futures.filter((each) => each === first || !each.done());
}

/** A number of microtasks that is larger than `op` and its inner operations need without a wait. */
function microtasksOf(op) {
  const within = [op.body, op.handler, op.final].flatMap((block) => block ?? []);
  return within.reduce((sum, each) => sum + microtasksOf(each), op.op === "eager" ? 100 : 30);
}
