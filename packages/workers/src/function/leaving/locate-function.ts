// Determines how a function travels, once for each function where possible: an explicit reference unchanged; an
// import of the calling module by that import; a builtin or an export by module and property path, checked by
// identity; any other function as code, with the values that it captures at the time of the call.
import { noFunction } from "../../executor/callee.js";
import type { CallTarget, ModuleExport } from "../../executor/callable.js";
import type { FunctionReference, LocatedFunction } from "../../protocol/function-payload.js";
import { importedName, seemsImported } from "./callers-imports.js";
import { isStable, readClosure } from "./closure.js";
import { ambiguity, countWaiting, decide, decideLater, decideWithoutWaiting } from "./decide.js";
import { Discovery } from "./discover.js";
import type { FunctionLocation } from "./function-location.js";
import { locateDefinition, readVariables } from "./inspector.js";
import { internProgram } from "./programs.js";
import { markedReference } from "../task.js";
import { makerOf, refusal } from "./travel-error.js";
import { writeCaptures } from "./write-captures.js";
import { NativePromise } from "../../executor/intrinsics.js";

type Fn = (...args: never[]) => unknown;
/** Functions whose modules have not been examined yet. */
type Undecided = readonly Fn[];

/** The number of calls waiting for one decision at which the function's script is read. Reading the script costs about as much as reading the variables ten times. */
const BURST = 10;

const located = new WeakMap<object, LocatedFunction>();
/** The pending locations of functions whose variables never change. All their calls share the result. */
const settledUnderWay = new WeakMap<Fn, Promise<LocatedFunction>>();

/**
 * Determines how `fn` travels to a worker.
 *
 * Returns at once for a reference, and for a function that was located before; otherwise a promise. The
 * variables of a function that captures data are read for each call: a call sees their values at the moment
 * of its submission. The payload stays the same, and is sent to each worker once.
 * @throws FunctionTravelError, by rejection, if it cannot travel. The message names the function, where it is
 * defined, the captured variable and its declaration, the reason, and what to do. InvalidArgumentError `fn` is neither a
 * function nor a reference
 */
export function locateFunction(fn: CallTarget): LocatedFunction | Promise<LocatedFunction> {
  try {
    const found = locate(fn);
    return isLocated(found) ? found : locateLater(fn as Fn, found);
  } catch (error) {
    return NativePromise.reject(error);
  }
}

/** As `locateFunction`, of a function that makes an instance of `Class`, which travels as code. Errors name the class. */
export function locateMaker(Class: new (...args: unknown[]) => unknown): LocatedFunction | Promise<LocatedFunction> {
  return locateFunction(makerOf(Class));
}

/** Whether all calls of `fn` travel alike, so that the result of `locateFunction` never changes. */
export function isLocatedForGood(fn: object): boolean {
  return located.has(fn);
}

/**
 * As `locateFunction`, for synchronous code.
 * @throws FunctionTravelError as `locateFunction`; also if locating it would take an await: the message says what to do
 */
export function locateFunctionNow(fn: CallTarget): LocatedFunction {
  // Each round decides about the functions at which the previous round stopped.
  for (;;) {
    const found = locate(fn, undefined, "now");
    if (isLocated(found)) return found;
    decideWithoutWaiting(found);
  }
}

/** The location of `fn`, or the functions to decide about first. `snapshot`: the values of its variables at the time of the call, if something was awaited since. */
function locate(fn: CallTarget, snapshot?: ReadonlyMap<string, unknown>, when: "now" | "later" = "later"): LocatedFunction | Undecided {
  if ((typeof fn !== "function" && typeof fn !== "object") || fn === null) throw noFunction(fn);
  const known = located.get(fn);
  if (known) return known;
  if (typeof fn !== "function") return locateReference(fn);
  const name = markedReference(fn) === undefined ? importedName(fn) : undefined;
  if (name === "ask" && when === "later") return [fn];
  return name === undefined || name === "ask" ? locateOwn(fn, snapshot) : keep(fn, { payload: name });
}

function isLocated(found: LocatedFunction | Undecided): found is LocatedFunction {
  return !Array.isArray(found);
}

function locateReference(reference: ModuleExport): LocatedFunction {
  if (typeof reference.module !== "string" || typeof reference.export !== "string") throw noFunction(reference);
  const { module, export: path } = reference;
  const payload: FunctionReference = { kind: "reference", module, export: path, loader: "import", name: path };
  return keep(reference, { payload });
}

function locateOwn(fn: Fn, snapshot?: ReadonlyMap<string, unknown>): LocatedFunction | Undecided {
  const decision = decide(fn);
  if (!decision) return [fn];
  if (decision.kind === "reference") {
    if (decision.loader === "global" && decision.export.includes(".prototype.")) throw refusal(fn, undefined, "it is a method that uses this, and a call has no this", CALL_METHOD);
    const ambiguous = ambiguity(fn);
    if (ambiguous) throw refusal(fn, ambiguous.location, ambiguous.reason, ambiguous.advice);
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
  if (!isStable(fn) && !seemsImported(fn)) return decideAndLocate(fn, undecided, snapshotOf(fn));
  const underWay = settledUnderWay.get(fn) ?? decideAndLocate(fn, undecided).finally(() => settledUnderWay.delete(fn));
  settledUnderWay.set(fn, underWay);
  return underWay;
}

/** The values of the variables of `fn`; `undefined` without an inspector. A function that needs them is then refused. */
function snapshotOf(fn: Fn): ReadonlyMap<string, unknown> | undefined {
  try {
    return readVariables(fn);
  } catch {
    return undefined;
  }
}

async function decideAndLocate(fn: Fn, undecided: Undecided, snapshot?: ReadonlyMap<string, unknown>): Promise<LocatedFunction> {
  for (let open = undecided; ; ) {
    await decideLater(open);
    const found = locate(fn, snapshot);
    if (isLocated(found)) return found;
    open = found;
  }
}

/** Finds out whether the variables of `fn` never change, so that later calls need not read them. */
function trySettle(fn: Fn): void {
  try {
    readClosure(fn, locateDefinition(fn) as FunctionLocation);
  } catch {
    // A failure counts only if the function must travel as code, which is decided later.
  }
}

/** A target for calls of a function that another program has named. It is called by this reference, as it is. */
export function referenceTarget(payload: FunctionReference): CallTarget {
  const target = { module: payload.module, export: payload.export };
  keep(target, { payload });
  return target;
}

const CALL_METHOD = "Pass a function that calls it: (object, ...args) => object.method(...args).";

function keep(fn: object, found: LocatedFunction): LocatedFunction {
  located.set(fn, found);
  return found;
}
