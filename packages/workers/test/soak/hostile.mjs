// Changes to globals, as other packages make them. `setup` of the pools makes them in the workers.

const changes = {
  pollutedObject: () => Object.defineProperty(Object.prototype, "polluted", { value: "yes", enumerable: true, configurable: true, writable: true }),
  pollutedArray: () => (Array.prototype.last = function last() { return this.at(-1); }),
  noStack: () => (Error.stackTraceLimit = 0),
  preparedStack: () => (Error.prepareStackTrace = (error, sites) => sites.map(String)),
  replacedPromise: () => (globalThis.Promise = class Promise extends globalThis.Promise {}),
  replacedTimers: () => Object.assign(globalThis, { setTimeout: () => 0, setImmediate: () => 0, clearTimeout: () => {}, queueMicrotask: () => {} }),
  replacedClock: () => ((Date.now = () => 0), (performance.now = () => 0)),
  noStructuredClone: () => (globalThis.structuredClone = undefined),
};

/** Changes that functions of tests need in their own way. */
const notInWorkers = ["replacedTimers", "replacedClock"];

export const names = Object.keys(changes);

/** Changes the globals of this thread. */
export function change(chosen) {
  for (const name of chosen) changes[name]();
}

/** The set-up of the workers. */
export const setup = (chosen) => change(chosen.filter((name) => !notInWorkers.includes(name)));
