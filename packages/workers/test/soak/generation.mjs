// One executor with random options, used by many callers at once, and shut down in the middle of its work.
import { InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { codeOf } from "./check.mjs";
import { oneCall } from "./calls.mjs";

/** The calls under way at once. */
const CALLERS = 40;
const LIMIT = 12;

const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

/** A limiter whose room is checked at the end. */
class Limiter {
  room = LIMIT;
  #waiting = [];
  acquire() {
    if (this.room > 0) return void (this.room -= 1);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  release() {
    const next = this.#waiting.shift();
    if (next === undefined) this.room += 1;
    else next();
    if (this.room > LIMIT) throw new Error("the limiter was released twice");
  }
}

function optionsOf(random, hostile) {
  const options = { maxWorkers: 1 + random.below(3), maxHeapBytes: 64 * 2 ** 20, closeTimeoutMs: random.pick([0, 20, 1_000]), onOutput: () => {} };
  options.setup = new URL("hostile.mjs", import.meta.url);
  options.setupData = hostile;
  if (random.chance(0.3)) options.minWorkers = 1;
  if (random.chance(0.3)) options.idleTimeoutMs = random.pick([0, 1, 20]);
  if (random.chance(0.3)) options.maxTasksPerWorker = 10 + random.below(200);
  if (random.chance(0.2)) options.maxWorkerAgeMs = 500 + random.below(2_000);
  if (random.chance(0.2)) options.maxQueue = random.below(50);
  if (random.chance(0.1)) options.recycleAboveHeapBytes = 16 * 2 ** 20;
  return options;
}

const makers = {
  thread: (options) => new ThreadPoolExecutor(options),
  process: (options) => new ProcessPoolExecutor(options),
  inline: () => new InlineExecutor(),
};

/** Makes `count` calls on one executor of this kind. `drive` watches each call. */
export async function generation(kind, count, { random, hostile, drive, strikes }) {
  const options = optionsOf(random, hostile);
  const state = {
    kind, maxQueue: kind === "inline" ? Infinity : (options.maxQueue ?? Infinity), closing: false, struck: false,
    executor: makers[kind](options), limiter: new Limiter(), signals: Array.from({ length: 3 }, () => new AbortController()),
  };
  if (kind === "process") strikes.add(state);
  const closeAt = random.chance(0.5) ? Math.floor(count * 0.95) : Infinity;
  let made = 0;
  let closed;
  const ending = { cancelPending: random.chance(0.5), ...(random.chance(0.5) ? { timeoutMs: random.pick([0, 5, 200]) } : {}) };
  const close = () => {
    state.closing = true;
    return state.executor.shutdown(ending);
  };
  const about = () => ({ options, ending, closing: state.closing, struck: state.struck, stats: state.executor.stats(), room: state.limiter.room });
  const caller = async () => {
    while (made < count) {
      const index = made++;
      const own = random.fork(index);
      if (made === closeAt) closed = close();
      if (own.chance(0.01)) {
        const at = own.below(state.signals.length);
        state.signals[at].abort(own.pick([undefined, Object.create(null), new Error("shared")]));
        state.signals[at] = new AbortController();
      }
      await drive(kind, index, (note) => oneCall({ random: own, index, note, generation: state }), about);
      if (own.chance(0.02)) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await drive(kind, "shutdown", () => closed ?? close(), about);
  strikes.delete(state);
  await drive(kind, "books", () => checkBooks(kind, state), about);
}

/** Milliseconds in which an inline function that was cancelled goes on, and keeps its room. */
const GOES_ON_MS = 5_000;

/** What an executor must say of itself when it has been shut down. */
async function checkBooks(kind, state) {
  for (const until = now() + GOES_ON_MS; kind === "inline" && state.limiter.room < LIMIT && now() < until; ) await new Promise((resolve) => setImmediate(resolve));
  const { submitted, fulfilled, rejected, cancelled, queued, running, workers, startingWorkers } = state.executor.stats();
  const sums = { settled: fulfilled + rejected + cancelled, queued, running, workers, startingWorkers, room: state.limiter.room };
  const expected = { settled: submitted, queued: 0, running: 0, workers: kind === "inline" ? workers : 0, startingWorkers: 0, room: LIMIT };
  for (const [name, value] of Object.entries(expected)) if (sums[name] !== value) throw new Error(`${kind}: ${name} is ${sums[name]} after the shutdown, not ${value}`);
  const late = await state.executor.submit(Math.max, 1).then(() => "ran", codeOf);
  if (late !== "ERR_OFFLOOP_SHUTDOWN") throw new Error(`${kind}: a call after the shutdown ended with ${String(late)}`);
}
