// How a function travels, decided once a function where that can be: an explicit reference as it
// stands; a builtin or an export by module and property path, checked by identity; anything else as
// code, with what it captures now.
import { FunctionTravelError } from "../../executor/errors.js";
import type { Callable, TaskReference } from "../../executor/executor.js";
import type { FunctionReference, LocatedFunction } from "../../protocol/function-payload.js";
import { isStable, readClosure } from "./closure.js";
import { ambiguity, countWaiting, decide, decideLater, decideWithoutWaiting } from "./decide.js";
import { Discovery } from "./discover.js";
import { type FunctionLocation, locateDefinition, readVariables } from "./inspector.js";
import { internProgram } from "./programs.js";
import { refusal } from "./travel-error.js";
import { writeCaptures } from "./write-captures.js";

type Fn = (...args: never[]) => unknown;
/** Functions about whose modules nothing is known yet. */
type Undecided = readonly Fn[];

/** Of so many calls that wait for one decision, a function's script is read: it costs as much as to read its variables some ten times. */
const BURST = 10;

const located = new WeakMap<object, LocatedFunction>();
/** One answer for all calls of a function whose variables are settled. */
const settledUnderWay = new WeakMap<Fn, Promise<LocatedFunction>>();

/**
 * Finds out how `fn` travels to a worker.
 *
 * Returns at once for a reference, and for a function that was located before; else a promise. A
 * function that captures data is read again each time: a call sees the values of the moment at which
 * it was submitted. Its payload stays the same, and goes to each worker once.
 * @throws FunctionTravelError, by rejection, if it cannot travel: it names the function, where it is
 * defined, what it captures and where that is declared, why it cannot move, and what to do
 */
export function locateFunction(fn: Callable<never[], unknown>): LocatedFunction | Promise<LocatedFunction> {
  try {
    const found = locate(fn);
    return isLocated(found) ? found : locateLater(fn as Fn, found);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Whether each call of `fn` travels alike: what `locateFunction` has found, it finds for ever. */
export function isLocatedForGood(fn: object): boolean {
  return located.has(fn);
}

/**
 * As `locateFunction`, for code that cannot wait.
 * @throws FunctionTravelError as `locateFunction`; or a module would have to be waited for: it says what to do
 */
export function locateFunctionNow(fn: Callable<never[], unknown>): LocatedFunction {
  // Each round decides about the functions at which the one before has stopped.
  for (;;) {
    const found = locate(fn);
    if (isLocated(found)) return found;
    decideWithoutWaiting(found);
  }
}

/** What is known of `fn` already, or what has to be decided first. `snapshot`: what the variables around it held when the call was made, if something had to be awaited since. */
function locate(fn: Callable<never[], unknown>, snapshot?: ReadonlyMap<string, unknown>): LocatedFunction | Undecided {
  if ((typeof fn !== "function" && typeof fn !== "object") || fn === null) throw noFunction(fn);
  const known = located.get(fn);
  if (known) return known;
  return typeof fn === "function" ? locateOwn(fn, snapshot) : locateReference(fn);
}

function isLocated(found: LocatedFunction | Undecided): found is LocatedFunction {
  return !Array.isArray(found);
}

function locateReference(reference: TaskReference): LocatedFunction {
  if (typeof reference.module !== "string" || typeof reference.export !== "string") throw noFunction(reference);
  const { module, export: path } = reference;
  const payload: FunctionReference = { kind: "reference", module, export: path, loader: "import", name: path };
  return keep(reference, { payload });
}

function noFunction(value: unknown): FunctionTravelError {
  const got = typeof value === "object" && value !== null ? "an object" : typeof value === "string" ? JSON.stringify(value) : String(value);
  return new FunctionTravelError(`A call needs a function, or a reference made by workerModule(); got ${got}.`);
}

function locateOwn(fn: Fn, snapshot?: ReadonlyMap<string, unknown>): LocatedFunction | Undecided {
  const decision = decide(fn);
  if (!decision) return [fn];
  if (decision.kind === "reference") {
    if (decision.loader === "global" && decision.export.includes(".prototype.")) throw refusal(fn, undefined, "it is a method that uses this, and a call has none", callMethod);
    const ambiguous = ambiguity(fn);
    if (ambiguous) throw refusal(fn, ambiguous.location, ambiguous.reason);
    return keep(fn, { payload: decision });
  }
  if (decision.kind === "refused") throw refusal(fn, decision.location, decision.reason, decision.advice);
  const discovery = new Discovery(fn, decision.location, decide, snapshot);
  if (discovery.undecided.length > 0) return discovery.undecided;
  const captures = writeCaptures(discovery);
  const payload = internProgram(discovery, captures);
  if (payload.captures === "each call") return { payload, captures };
  return discovery.closures.every((closure) => isStable(closure.fn)) ? keep(fn, { payload }) : { payload };
}

function locateLater(fn: Fn, undecided: Undecided): Promise<LocatedFunction> {
  if (countWaiting(fn) === BURST) trySettle(fn);
  if (!isStable(fn)) return decideAndLocate(fn, undecided, readVariables(fn));
  const underWay = settledUnderWay.get(fn) ?? decideAndLocate(fn, undecided).finally(() => settledUnderWay.delete(fn));
  settledUnderWay.set(fn, underWay);
  return underWay;
}

async function decideAndLocate(fn: Fn, undecided: Undecided, snapshot?: ReadonlyMap<string, unknown>): Promise<LocatedFunction> {
  for (let open = undecided; ; ) {
    await decideLater(open);
    const found = locate(fn, snapshot);
    if (isLocated(found)) return found;
    open = found;
  }
}

/** Finds out whether the variables of `fn` are settled, so that the calls that follow need not read them. */
function trySettle(fn: Fn): void {
  try {
    readClosure(fn, locateDefinition(fn) as FunctionLocation);
  } catch {
    // Whether it has to be read as code, so that this is the caller's error, is decided later.
  }
}

const callMethod = "Pass a function that calls it: (object, ...args) => object.method(...args).";

function keep(fn: object, found: LocatedFunction): LocatedFunction {
  located.set(fn, found);
  return found;
}
