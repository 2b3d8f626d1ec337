// The functions that run on the workers, and those that workers call back.
import { closeSync, writeSync } from "node:fs";
import { callSoonThreadsafe, fromThread, move, taskContext } from "@offloop/workers";
import { thrown, values } from "./values.mjs";

// Read before the globals are changed.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);
const exit = process.exit.bind(process);

export const add = (a, b) => a + b;
export async function addLater(a, b) {
  await new Promise(setImmediate);
  return a + b;
}
export const square = (number) => number * number;
export const echo = (value) => value;
export const returns = (name) => values[name].make();
export const returnsLater = async (name) => values[name].make();
export function throws(name) {
  throw thrown[name]();
}
export const throwsLater = async (name) => throws(name);
export const moved = (bytes) => move(new Uint8Array(bytes).fill(1));
export const length = (bytes) => bytes.byteLength;
export function spins(ms) {
  const { cancelled } = taskContext();
  for (const end = now() + ms; now() < end; ) if (taskContext().cancelled) taskContext().throwIfCancelled();
  return cancelled;
}
export function spinsDeaf(ms) {
  for (const end = now() + ms; now() < end; );
  return "spun";
}
export function waitsForSignal() {
  const { signal } = taskContext();
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
export const never = () => new Promise(() => {});
export function reports(count) {
  for (let index = 0; index < count; index += 1) taskContext().progress(index);
  return count;
}

// Faults from inside.
export const faults = {
  exits: () => exit(11),
  exitsLater: () => void setTimeout(() => exit(0), 1),
  uncaught: () => (setImmediate(() => { throw new Error("uncaught, as asked"); }), never()),
  uncaughtAfterwards: () => (setImmediate(() => { throw Object.create(null); }), 1),
  rejectsUnhandled: () => (void Promise.reject(new Error("unhandled, as asked")), never()),
  overflows: () => (function deeper() { return deeper() + 1; })(),
  loops: () => { for (;;); },
  loopsAfterwards: () => (setTimeout(() => { for (const end = Date.now() + 50; Date.now() < end; ); }, 1), 1),
  leavesTimer: () => (setInterval(() => {}, 5), 1),
  corks: () => (process.stdout.cork(), 1),
  replacesWrite: () => ((process.stdout.write = () => false), 1),
  replacesExit: () => ((process.exit = () => {}), 1),
};

/** Faults that would end the program if they happened on a thread of it. */
export const ownFaults = {
  kills: () => process.kill(process.pid, "SIGKILL"),
  terminates: () => (process.kill(process.pid, "SIGTERM"), never()),
  closesChannel: () => (closeSync(3), never()),
  writesNonsense: () => (writeSync(3, "something else, written to a descriptor that happens to be the socket\n"), never()),
  writesShort: () => (writeSync(3, Buffer.from([0, 1, 2])), exit(0)),
};
export const fails = (name) => (faults[name] ?? ownFaults[name])();
export function fillsTheHeap() {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}

// The way back.
export const asks = (a, b) => fromThread(add, a, b);
export const asksLater = async (a, b) => (await fromThread(addLater, a, b)) + (await fromThread((x) => x - 1, 1));
export const asksSync = (a, b) => fromThread.sync(addLater, a, b);
export const asksNever = () => fromThread(never);
export const asksFailure = (name) => fromThread(throws, name);
export const asksAndLeaves = () => (void fromThread(never), void fromThread(add, 1, 1), callSoonThreadsafe(add, 1, 1), "left");

// Streams.
export function* counts(to) {
  for (let value = 0; value < to; value += 1) yield value;
}
export async function* countsLater(to) {
  for (let value = 0; value < to; value += 1) {
    if (value % 16 === 0) await new Promise(setImmediate);
    yield value;
  }
}
export function* throwsAfter(count) {
  yield* counts(count);
  throw new RangeError("after the items");
}
export async function* exitsAfter(count) {
  yield* counts(count);
  await new Promise(setImmediate);
  exit(3);
}
export function* yieldsUnsendable() {
  yield 0;
  yield () => {};
}

/** An actor. */
export class Counter {
  #value;
  constructor(value) {
    this.#value = value;
  }
  add(by) {
    return (this.#value += by);
  }
  async addLater(by) {
    await new Promise(setImmediate);
    return (this.#value += by);
  }
  fails(name) {
    return fails(name);
  }
  throws(name) {
    throws(name);
  }
  returns(name) {
    return returns(name);
  }
  spins(ms) {
    return spins(ms);
  }
  *items(to) {
    yield* counts(to);
  }
}
