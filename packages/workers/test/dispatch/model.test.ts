// A model check of the dispatcher: every interleaving of the steps of callers, workers and time, up to a depth, settles
// each call once. model.ts has the steps and the invariants. OFFLOOP_MODEL_DEPTH sets the depth.
import { Call } from "#workers/dispatch/call.js";
import { CallBooks } from "#workers/dispatch/call-books.js";
import { Fleet } from "#workers/dispatch/fleet.js";
import { Lane } from "#workers/dispatch/lane.js";
import { spareCores } from "#workers/dispatch/spare-cores.js";
import { expect, it, onTestFinished } from "vitest";
import { type Config, explore } from "./model.js";

const abandon = { onCancel: "abandon", graceMs: 100 } as const;
const configs: Record<string, Config> = {
  "threads": { pool: { maxWorkers: 2 }, fake: {}, call: abandon, calls: 3, runMs: 0.01, exits: 1 },
  "threads with calls that are never short": { pool: { maxWorkers: 2 }, fake: {}, call: abandon, calls: 3, runMs: 20, exits: 1, shutdown: { timeoutMs: 10 } },
  "threads that are recycled": { pool: { maxWorkers: 1, maxTasksPerWorker: 1, closeTimeoutMs: 0 }, fake: {}, call: { ...abandon, retries: 1 }, calls: 3, exits: 1 },
  "threads whose calls wait for their worker": { pool: { maxWorkers: 1 }, fake: { diesAtOnce: false }, call: { onCancel: "wait", graceMs: 100, runTimeoutMs: 50 }, calls: 3, runMs: 0.01, exits: 1, shutdown: { timeoutMs: 200 } },
  "threads with deadlines and broadcasts": { pool: { maxWorkers: 1 }, fake: { capacity: 2 }, call: { ...abandon, queueTimeoutMs: 50 }, calls: 2, broadcast: true, runMs: 0.01, exits: 1, shutdown: { cancelPending: true } },
  "processes": { pool: { maxWorkers: 2, maxTasksPerWorker: 2 }, fake: { shared: false }, call: { ...abandon, runTimeoutMs: 50, queueTimeoutMs: 30 }, calls: 3, runMs: 0.01, exits: 1 },
  "processes whose calls are ended with them": { pool: { maxWorkers: 1 }, fake: { shared: false }, call: { onCancel: "terminate", retries: 1 }, calls: 3, runMs: 0.01, exits: 2, shutdown: { timeoutMs: 0 } },
};

const depth = Number(process.env.OFFLOOP_MODEL_DEPTH ?? 7);

it.each(Object.entries(configs))(`%s: every interleaving of ${depth} steps settles each call once`, { timeout: 600_000 }, async (name, config) => {
  const paths = await explore(config, depth);
  console.info(`${name}: ${paths} paths of ${depth} steps`);
  expect(paths).toBeGreaterThan(100);
});

/** Replaces a method until the end of the test. */
function plant<Of extends object, Name extends keyof Of & string>(of: Of, name: Name, faulty: (original: Extract<Of[Name], (...args: never[]) => unknown>) => unknown): void {
  const original = Object.getOwnPropertyDescriptor(of, name)!;
  Object.defineProperty(of, name, { ...original, value: faulty(original.value as never) });
  onTestFinished(() => void Object.defineProperty(of, name, original));
}

/** Faults in the dispatcher, each with the configuration and the invariant by which the check finds it. */
const faults: [what: string, config: string, found: RegExp, sow: () => void][] = [
  ["an answer that settles its call twice", "threads", /books do not balance/, () =>
    plant(CallBooks.prototype, "answered", (answered) => function (this: CallBooks, call: Call, ...rest: [never, unknown]) {
      answered.call(this, call, ...rest);
      Object.defineProperty(call, "settled", { value: false, configurable: true }); // no guard refuses the second time
      this.fulfil(call, undefined);
      Reflect.deleteProperty(call, "settled");
    })],
  ["an answer that a call accepts after its cancellation", "threads", /a call is stopping, and its future cancelled/, () => plant(Call.prototype, "abandon", () => () => "settle")],
  ["room of a limiter that a call which was taken back keeps", "threads", /places of the limiter/, () =>
    plant(Lane.prototype, "takeBack", (takeBack) => function (this: Lane, call: Call) {
      const taken = takeBack.call(this, call);
      if (taken) call.limited = false;
      return taken;
    })],
  ["a worker that is counted as there after its exit", "threads", /for ever|"lanes":1/, () =>
    plant(Fleet.prototype, "exited", (exited) => function (this: Fleet, lane: Lane, ...rest: [never, never, unknown]) {
      exited.call(this, lane, ...rest);
      this.lanes.add(lane);
    })],
  ["a worker that is counted as busy after its exit", "threads", /"busy":1/, () =>
    plant(Fleet.prototype, "exited", (exited) => function (this: Fleet, lane: Lane, ...rest: [never, never, unknown]) {
      if (!lane.idle) spareCores.workerBusy();
      exited.call(this, lane, ...rest);
    })],
  ["a call that is forgotten when its worker is recycled", "threads that are recycled", /for ever|the shutdown hangs/, () =>
    plant(Fleet.prototype, "replace", (replace) => function (this: Fleet, lane: Lane) {
      for (const call of lane.calls()) lane.release(call);
      replace.call(this, lane);
    })],
  ["a shutdown that misses a worker which starts", "threads", /the shutdown hangs/, () =>
    plant(Fleet.prototype, "retire", (retire) => function (this: Fleet, lane: Lane) {
      if (lane.phase === "starting") this.lanes.delete(lane);
      else retire.call(this, lane);
    })],
  ["an answer that goes to the call beside its own", "threads", /value of another one/, () =>
    plant(CallBooks.prototype, "fulfil", (fulfil) => function (this: CallBooks, call: Call, value: unknown) {
      fulfil.call(this, call, (value as number) + 1);
    })],
];

it.each(faults)("finds %s", async (_, config, found, sow) => {
  sow();
  const failure = (await explore(configs[config]!, 5).catch((error: unknown) => error)) as Error;
  expect(failure).toBeInstanceOf(Error);
  expect((failure.cause as Error).message).toMatch(found);
});
