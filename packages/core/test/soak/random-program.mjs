// Random programs of tasks under random cancellations, in virtual time. A program ends only if every await of it
// settles. The seed decides the program, its cancellations, and the order of callbacks that are ready together, so the
// same seed leaves the same trace.
//
//   workers (tasks) ── locks, queues, groups, scopes, calls ──▶ trace
//        ▲ chaos: cancels tasks, aborts signals        ▲ service: sets events, feeds queues, breaks barriers
//
// A wait that only the program itself can end is ended by the service task. No body that holds something waits for
// another holder, so a program without a fault of the loop has no deadlock.
import * as core from "@offloop/core";
import { InlineExecutor } from "@offloop/workers";

/** The virtual time after which a program has hung, in milliseconds. Programs take some 500 ms. */
const HUNG_MS = 1_000_000;
const PERMITS = 3;

/** Mulberry32. */
function randomOf(seed) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { chance: (share) => next() < share, below: (end) => Math.floor(next() * end), pick: (list) => list[Math.floor(next() * list.length)] };
}

/**
 * Runs the program of a seed.
 * @param serves `false`: without the service task, so that the program hangs
 * @returns what each await gave, in order, and what is wrong: awaits that never settled, things that were not given back
 */
export async function runProgram(seed, serves = true) {
  const program = new Program(seed, serves);
  const loopFactory = () => new core.VirtualTimeLoop({ seed });
  await core.run(() => program.main(), { loopFactory });
  return { trace: program.trace, problems: program.problems };
}

class Program {
  trace = [];
  problems = [];
  #random;
  #pending = new Map();
  #lastAwait = 0;
  #tasks = [];
  #controllers = [];
  #hung;
  #main;
  #serves;
  /** The operations that the program may still make. */
  #left;

  constructor(seed, serves) {
    this.#serves = serves;
    this.#random = randomOf(seed);
    this.#left = this.#random.pick([20, 60, 150, 300]);
  }

  async main() {
    this.loop = core.getRunningLoop();
    this.#main = core.currentTask();
    this.executor = new InlineExecutor();
    this.lock = new core.Lock();
    this.semaphore = new core.Semaphore(PERMITS);
    this.limiter = new core.CapacityLimiter(PERMITS);
    this.ofCalls = new core.CapacityLimiter(PERMITS);
    this.event = new core.Event();
    this.condition = new core.Condition();
    this.barrier = new core.Barrier(2);
    this.queue = this.#random.pick([new core.Queue(2), new core.LifoQueue(1), new core.PriorityQueue()]);
    this.#hung = this.loop.callLater(HUNG_MS, () => this.#giveUp());
    const workers = Array.from({ length: 2 + this.#random.below(6) }, (_, index) => this.#start(() => this.#body(3), `worker ${index}`));
    const service = core.createTask(() => (this.#serves ? this.#service() : undefined), { name: "service" });
    const chaos = core.createTask(() => this.#chaos(), { name: "chaos" });
    for (const worker of workers) await worker.then(() => {}, () => {});
    for (const task of this.#tasks) await task.then(() => {}, () => {});
    for (const helper of [chaos, service]) {
      helper.cancel();
      await helper.then(() => {}, (error) => core.isCancelled(error) || this.problems.push(`${helper.getName()} failed: ${error.stack}`));
    }
    this.#hung.cancel();
    await this.executor.shutdown();
    this.#check();
  }

  /** Nothing is left but waits that nothing ends. */
  #giveUp() {
    if (this.problems.length === 0) this.problems.push(`never settled: ${[...this.#pending.values()].join("; ")}`);
    for (const task of core.allTasks()) if (task !== this.#main) task.cancel();
    this.#hung = this.loop.callLater(1, () => this.#giveUp()); // some go on in spite of it
  }

  #check() {
    const { running, queued } = this.executor.stats();
    const held = {
      "pending awaits": [...this.#pending.values()].join("; "),
      lock: this.lock.locked(), condition: this.condition.locked(), semaphore: this.semaphore.value, tokens: this.limiter.borrowedTokens, "tokens of calls": this.ofCalls.borrowedTokens,
      "waiting for tokens": this.limiter.statistics().tasksWaiting + this.ofCalls.statistics().tasksWaiting, running, queued, tasks: core.allTasks().size,
    };
    const free = { "pending awaits": "", lock: false, condition: false, semaphore: PERMITS, tokens: 0, "tokens of calls": 0, "waiting for tokens": 0, running: 0, queued: 0, tasks: 1 };
    for (const [name, value] of Object.entries(free)) if (held[name] !== value) this.problems.push(`${name}: ${held[name]} at the end, not ${value}`);
  }

  #start(body, name) {
    const task = core.createTask(body, { name, ...(this.#random.chance(0.2) ? { eager: true } : {}) });
    this.#tasks.push(task);
    return task;
  }

  /** Awaits, and notes how that ended. */
  async #await(label, make) {
    const id = ++this.#lastAwait;
    this.#pending.set(id, `${label} (${id}) of ${core.currentTask()?.getName()}`);
    const note = (outcome) => {
      this.#pending.delete(id);
      this.trace.push(`${this.loop.time()} ${id} ${label}: ${outcome}`);
    };
    try {
      const value = await make();
      note("settled");
      return value;
    } catch (error) {
      note(core.isCancelled(error) ? "cancelled" : (error?.code ?? error?.message ?? error?.name));
      throw error;
    }
  }

  async #body(depth) {
    for (let ops = 1 + this.#random.below(5); ops > 0 && this.#left > 0; ops -= 1) {
      this.#left -= 1;
      try {
        await this.#operation(depth);
      } catch (error) {
        // A cancellation ends the task. At times the task goes on in spite of it, as asyncio allows.
        if (core.isCancelled(error) && !this.#random.chance(0.1)) throw error;
      }
    }
    if (this.#random.chance(0.05)) throw new RangeError("as asked");
    return depth;
  }

  #signal() {
    if (!this.#random.chance(0.2)) return {};
    const controller = new AbortController();
    this.#controllers.push(controller);
    return { signal: controller.signal };
  }

  #pause = async () => {
    await core.sleep(this.#random.pick([0, 0, 1, 2, 5]));
  };

  #operation(depth) {
    const random = this.#random;
    const inner = () => this.#body(depth - 1);
    const name = random.pick(depth > 0 ? [...leaves, ...branches] : leaves);
    const ms = random.pick([0, 1, 3, 10]);
    return this.#await(name, () => {
      switch (name) {
        case "sleep": return core.sleep(ms, this.#signal());
        case "lock": return this.lock.hold(this.#pause, this.#signal());
        case "semaphore": return this.semaphore.hold(this.#pause, this.#signal());
        case "limiter": return this.limiter.hold(this.#pause, this.#signal());
        case "acquire and leave": return core.timeout(ms, async () => {
          const hold = await this.lock.acquire();
          try {
            await this.#pause();
          } finally {
            hold.release();
          }
        });
        case "event": return this.event.wait(this.#signal());
        case "condition": return this.condition.hold(() => this.condition.wait(this.#signal()));
        case "condition predicate": return this.condition.hold(() => this.condition.waitFor(() => random.chance(0.5), this.#signal()));
        case "barrier": return this.barrier.wait(this.#signal());
        case "put": return this.queue.put(random.below(9), this.#signal());
        case "get": return this.queue.get(this.#signal());
        case "join": return this.queue.join(this.#signal());
        case "call": return core.runInExecutor(this.executor, hops, random.below(6), random.chance(0.2));
        case "limited call": return core.runInExecutor(this.executor.with({ limiter: this.ofCalls, ...this.#signal() }), hops, random.below(6), random.chance(0.2));
        case "calls at once": return core.gather(Array.from({ length: 4 }, () => core.runInExecutor(this.executor.with({ limiter: this.ofCalls }), hops, random.below(4), false)));
        case "abandoned call": return core.timeout(0, () => core.runInExecutor(this.executor.with({ limiter: this.ofCalls, graceMs: 0 }), hops, 20, false));
        case "task": return this.#start(inner, "task");
        case "group": return core.taskGroup(async (group) => {
          for (let count = random.below(4); count > 0; count -= 1) group.createTask(inner);
          if (random.chance(0.3)) await this.#pause();
          if (random.chance(0.1)) group.cancel();
        });
        case "timeout": return core.timeout(ms, inner);
        case "moveOnAfter": return core.moveOnAfter(ms, inner);
        case "failAfter": return core.failAfter(ms, inner);
        case "shielded scope": return core.moveOnAfter(ms, () => new core.CancelScope({ shield: true, deadline: this.loop.time() + 20 }).run(inner));
        case "shield": return core.shield(this.#start(inner, "shielded"));
        case "waitFor": return core.waitFor(this.#start(inner, "waited"), ms);
        case "gather": return core.gather([this.#start(inner, "a"), core.sleep(ms), this.#start(inner, "b")], { returnExceptions: random.chance(0.5) });
        case "wait": return core.wait([this.#start(inner, "a"), this.#start(inner, "b")], { timeoutMs: random.chance(0.5) ? ms : undefined, returnWhen: random.pick([core.FIRST_COMPLETED, core.FIRST_EXCEPTION, core.ALL_COMPLETED]) });
        case "race": return core.race([this.#start(inner, "a"), core.sleep(ms)]);
        case "firstCompleted": return core.firstCompleted([this.#start(inner, "a"), core.sleep(ms)]);
        case "asCompleted": return (async () => {
          for await (const done of core.asCompleted([this.#start(inner, "a"), this.#start(inner, "b")], { timeoutMs: ms + 5 })) {
            await done;
            if (random.chance(0.2)) break;
          }
        })();
        default: throw new Error(`unknown operation ${name}`);
      }
    });
  }

  /** Cancels tasks and aborts signals at random times. */
  async #chaos() {
    for (let count = this.#random.below(60); count > 0; count -= 1) {
      await core.sleep(this.#random.below(8));
      const live = this.#tasks.filter((task) => !task.done());
      if (live.length > 0) this.#random.pick(live).cancel(this.#random.pick([undefined, "chaos", null]));
      if (this.#controllers.length > 0 && this.#random.chance(0.5)) this.#random.pick(this.#controllers).abort(this.#random.pick([undefined, "chaos"]));
      if (this.#random.chance(0.2)) {
        const [limiter] = [this.#random.pick([this.limiter, this.ofCalls])];
        limiter.totalTokens = 1 + this.#random.below(PERMITS);
      }
    }
  }

  /** Ends each wait that only other tasks could end. */
  async #service() {
    for (let feeds = true; ; feeds = !feeds) {
      await core.sleep(7);
      this.event.set();
      this.event.clear();
      await this.condition.hold(() => this.condition.notifyAll());
      if (this.barrier.nWaiting > 0) await this.barrier.reset();
      // What is put stays until the next round, because a getter that was woken has not taken it yet.
      if (feeds) for (let count = 0; count < 4 && !this.queue.full(); count += 1) this.queue.putNowait(1);
      else while (!this.queue.empty()) this.queue.getNowait();
      while (finishes(this.queue));
    }
  }
}

/** Notes that an item is done. @returns `false`: none was unfinished, so join() has been woken */
function finishes(queue) {
  try {
    queue.taskDone();
    return true;
  } catch {
    return false;
  }
}

/** A function of a call: waits for some microtasks, which take no virtual time. */
async function hops(count, fails) {
  for (; count > 0; count -= 1) await Promise.resolve();
  if (fails) throw new TypeError("as asked");
  return count;
}

const leaves = ["sleep", "sleep", "lock", "semaphore", "limiter", "acquire and leave", "event", "condition", "condition predicate", "barrier", "put", "get", "join", "call", "limited call", "calls at once", "abandoned call"];
const branches = ["task", "task", "group", "group", "timeout", "moveOnAfter", "failAfter", "shielded scope", "shield", "waitFor", "gather", "wait", "race", "firstCompleted", "asCompleted"];
