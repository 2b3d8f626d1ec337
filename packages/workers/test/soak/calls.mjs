// The calls of the driver. Each kind makes one call, and checks its outcome.
import { transfer } from "@offloop/workers";
import { isDeepStrictEqual } from "node:util";
import { codeOf, settle, verify } from "./check.mjs";
import * as tasks from "./tasks.mjs";
import { thrown, values } from "./values.mjs";

const { setImmediate } = globalThis;
const turns = async (count) => {
  for (; count > 0; count -= 1) await new Promise((resolve) => setImmediate(resolve));
};

const refused = (error) => /^ERR_OFFLOOP_(CLONE|FUNCTION_TRAVEL|INVALID_ARGUMENT)$/.test(codeOf(error));
const sendable = Object.keys(values).filter((name) => values[name].travels);
const unsendable = Object.keys(values).filter((name) => !values[name].travels);
const thrownNames = Object.keys(thrown);

/** Options of a view, and the outcomes that they allow. */
function optionsOf({ random, generation }, force = {}) {
  const options = {};
  const may = {};
  if (random.chance(0.15)) options.priority = random.below(5);
  if (random.chance(0.08)) [options.queueTimeoutMs, may.queue] = [random.below(30), true];
  if (random.chance(0.08)) [options.runTimeoutMs, may.run] = [1 + random.below(40), true];
  if (random.chance(0.2)) options.retries = random.below(3);
  if (random.chance(0.3)) options.onCancel = random.pick(["abandon", "wait", "terminate"]);
  if (random.chance(0.3)) options.graceMs = random.pick([0, 3, 30]);
  if (random.chance(0.15)) options.limiter = generation.limiter;
  if (random.chance(0.12)) [options.signal, may.cancel] = [random.pick(generation.signals).signal, true];
  if (random.chance(0.1)) options.name = `call ${random.below(100)}`;
  if (random.chance(0.1)) options.onProgress = () => {};
  Object.assign(options, force);
  if (force.runTimeoutMs !== undefined) may.run = true;
  return { options, may };
}

async function submit(context, label, expected, fn, args = [], force = {}) {
  const { options, may } = optionsOf(context, force);
  const executor = context.generation.executor.with(options);
  context.note(label, options);
  const outcome = await settle(executor.submit(fn, ...args));
  return verify(label, outcome, expected, { ...context, may: { ...may, ...force.may } });
}

/** A call that is stopped after some turns. */
async function cancelled(context, label, fn, args, graceMs) {
  const { random, generation } = context;
  const controller = new AbortController();
  const options = { signal: controller.signal, graceMs, onCancel: random.pick(["abandon", "terminate", "wait"]) };
  context.note(label, options);
  const future = generation.executor.with(options).submit(fn, ...args);
  const outcome = settle(future);
  await turns(random.below(6));
  if (random.chance(0.5)) future.cancel("enough");
  else controller.abort(random.pick([undefined, Object.create(null), Symbol("reason"), new Error("reason"), "text"]));
  return verify(label, await outcome, { value: () => true, error: (error) => error === controller.signal.reason || error === "enough" }, { ...context, may: { cancel: true } });
}

/** Reads a stream or a map, and leaves it early at times. */
async function read(context, label, iterator, expected, failure, may) {
  const { random } = context;
  context.note(label, may);
  const leaveAfter = random.chance(0.3) ? random.below(expected.length + 1) : Infinity;
  const seen = [];
  const reading = async () => {
    for await (const item of iterator) {
      seen.push(item);
      if (seen.length > leaveAfter) break;
    }
    return seen;
  };
  const outcome = await settle(reading());
  const prefix = isDeepStrictEqual(seen, expected.slice(0, seen.length));
  if (!prefix) throw Object.assign(new Error(`${label} yielded wrong items`), { outcome: { seen, expected } });
  const whole = seen.length === expected.length || seen.length === leaveAfter + 1;
  return verify(label, outcome, { value: () => failure === undefined && whole, ...(failure === undefined ? {} : { error: failure }), ...(leaveAfter !== Infinity ? { value: () => whole || failure !== undefined } : {}) }, { ...context, may });
}

const upTo = (count) => Array.from({ length: count }, (_, index) => index);

async function mapped(context) {
  const { random, generation } = context;
  const count = random.below(60);
  const { options, may } = optionsOf(context);
  delete options.limiter; // map makes as many calls as it likes
  const ordered = random.chance(0.7);
  const settings = { ordered, ...(random.chance(0.5) ? { chunkSize: 1 + random.below(20) } : {}), ...(random.chance(0.5) ? { bufferSize: 1 + random.below(20) } : {}) };
  const iterator = generation.executor.with(options).map(tasks.square, upTo(count), settings);
  if (ordered) return read(context, "map", iterator, upTo(count).map(tasks.square), undefined, may);
  context.note("map", settings);
  const outcome = await settle((async () => {
    const seen = [];
    for await (const item of iterator) seen.push(item);
    return seen.sort((a, b) => a - b);
  })());
  return verify("map", outcome, { value: upTo(count).map(tasks.square) }, { ...context, may });
}

const streams = { counts: tasks.counts, countsLater: tasks.countsLater, throwsAfter: tasks.throwsAfter, yieldsUnsendable: tasks.yieldsUnsendable, exitsAfter: tasks.exitsAfter };

async function streamed(context) {
  const { random, generation } = context;
  const { options, may } = optionsOf(context);
  const [name, failure] = random.pick([
    ["counts"], ["counts"], ["countsLater"],
    ["throwsAfter", (error) => error instanceof RangeError],
    ["yieldsUnsendable", (error) => generation.kind === "inline" || refused(error)],
    ...(generation.kind === "inline" ? [] : [["exitsAfter", () => false]]),
  ]);
  const count = random.below(200);
  const items = name === "yieldsUnsendable" ? [0] : upTo(count);
  if (name === "yieldsUnsendable" && generation.kind === "inline") return "skipped";
  return read(context, `stream ${name}`, generation.executor.with(options).stream(streams[name], count), items, failure, may);
}

/** Two readers of one stream, one of which returns while the other waits. */
async function returnsMidway(context) {
  const { generation } = context;
  context.note("stream return");
  const iterator = generation.executor.stream(tasks.countsLater, 50);
  const outcomes = await Promise.all([settle(iterator.next()), settle(iterator.return("enough")), settle(iterator.next())]);
  for (const outcome of outcomes) verify("stream return", outcome, { value: () => true }, { ...context, may: { cancel: true } });
  return "stream return";
}

const hostileFault = [...Object.keys(tasks.faults)];
const ownFault = [...Object.keys(tasks.ownFaults)];
/** What a fault may answer if it does not end its worker. */
const survives = { value: () => true, error: (error) => error instanceof RangeError || error?.name === "RangeError" };

function fault(context) {
  const { random, generation } = context;
  const own = generation.kind === "process" && random.chance(0.4);
  const name = random.pick(own ? ownFault : hostileFault);
  return submit(context, `fault ${name}`, survives, tasks.fails, [name], { runTimeoutMs: 60, graceMs: random.pick([0, 10]), limiter: generation.limiter });
}

const isBack = ({ kind }) => kind !== "inline";

/** Kinds of calls: weight, where they make sense, and what they do. */
const kinds = [
  [30, () => true, (c) => submit(c, "add", { value: c.index + 1 }, tasks.add, [c.index, 1])],
  [8, () => true, (c) => submit(c, "add later", { value: c.index + 2 }, tasks.addLater, [c.index, 2])],
  [5, () => true, (c) => { const { index } = c; return submit(c, "closure", { value: index * 3 }, (factor) => index * factor, [3]); }],
  [5, () => true, (c) => { const name = c.random.pick(sendable); const value = values[name].make(); return submit(c, `argument ${name}`, { value: (got) => isDeepStrictEqual(got, structuredCopy(value)) }, tasks.echo, [value]); }],
  [4, () => true, (c) => { const name = c.random.pick(sendable); return submit(c, `result ${name}`, { value: (got) => isDeepStrictEqual(got, structuredCopy(values[name].make())) }, c.random.pick([tasks.returns, tasks.returnsLater]), [name]); }],
  [4, isBack, (c) => { const name = c.random.pick(unsendable); return submit(c, `bad argument ${name}`, { error: isRefusal, value: () => values[name].may === true }, tasks.echo, [values[name].make()]); }],
  [4, isBack, (c) => { const name = c.random.pick(unsendable); return submit(c, `bad result ${name}`, { error: isRefusal, value: () => values[name].may === true }, c.random.pick([tasks.returns, tasks.returnsLater]), [name]); }],
  [5, () => true, (c) => submit(c, "throw", { error: () => true }, c.random.pick([tasks.throws, tasks.throwsLater]), [c.random.pick(thrownNames)])],
  [4, () => true, (c) => cancelled(c, "cancel", tasks.spins, [5], 20)],
  [2, () => true, (c) => cancelled(c, "cancel waiting", tasks.waitsForSignal, [], 20)],
  [1, isBack, (c) => cancelled(c, "cancel deaf", tasks.spinsDeaf, [50], c.random.pick([0, 5]))],
  [1, isBack, (c) => submit(c, "run time", { value: "spun" }, tasks.spinsDeaf, [40], { runTimeoutMs: 5, graceMs: 5 })],
  [3, () => true, (c) => { const bytes = new Uint8Array(10_000); return submit(c, "transfer", { value: 10_000 }, tasks.length, [transfer(bytes, [bytes.buffer])], { retries: 0 }); }],
  [3, () => true, (c) => submit(c, "moved", { value: (bytes) => bytes.byteLength === 200_000 && bytes[7] === 1 }, tasks.moved, [200_000])],
  [2, () => true, (c) => { const seen = []; return submit(c, "progress", { value: 5 }, tasks.reports, [5], { onProgress: (value) => seen.push(value) }); }],
  [5, () => true, (c) => submit(c, "way back", { value: c.index + 1 }, c.random.pick([tasks.asks, tasks.asksLater]), [c.index, 1])],
  [3, ({ kind }) => kind === "thread", (c) => submit(c, "way back sync", { value: c.index + 1 }, tasks.asksSync, [c.index, 1])],
  [2, isBack, (c) => cancelled(c, "way back never", tasks.asksNever, [], 10)],
  [2, isBack, (c) => submit(c, "way back throws", { error: () => true }, tasks.asksFailure, [c.random.pick(thrownNames)])],
  [1, isBack, (c) => submit(c, "way back left", { value: "left" }, tasks.asksAndLeaves)],
  [6, () => true, mapped],
  [5, () => true, streamed],
  [2, () => true, returnsMidway],
  [1, isBack, async (c) => { const { executor } = c.generation; c.note("broadcast"); return verify("broadcast", await settle(executor.broadcast(tasks.square, 3)), { value: (all) => all.every((each) => each === 9) }, { ...c, may: {} }); }],
  [1, () => true, async (c) => verify("ready", await settle(c.generation.executor.ready()), { value: undefined }, { ...c, may: {} })],
  [1.5, isBack, fault],
  [0.02, isBack, (c) => submit(c, "heap", {}, tasks.fillsTheHeap, [], { retries: 0, limiter: c.generation.limiter, runTimeoutMs: 2_000, graceMs: 0 })],
];

const structuredCopy = globalThis.structuredClone;
function isRefusal(error) {
  return refused(error) || ["getter", "trap", "then"].includes(error?.message);
}

/** Makes one call of a random kind. @returns the name of its outcome */
export function oneCall(context) {
  const possible = kinds.filter(([, where]) => where(context.generation)).map(([weight, , make]) => [weight, make]);
  return context.random.weighed(possible)(context);
}
