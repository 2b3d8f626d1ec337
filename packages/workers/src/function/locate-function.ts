// How a function travels, decided once a function where that can be: an explicit reference as it
// stands; a builtin or an export by module and property path, checked by identity; anything else as
// code, with what it captures now.
import { FunctionTravelError } from "../executor/errors.js";
import type { Callable, TaskReference } from "../executor/executor.js";
import type { FunctionReference, LocatedFunction } from "../protocol/function-payload.js";
import { isStable } from "./closure.js";
import { ambiguity, decide, decideLater } from "./decide.js";
import { Discovery } from "./discover.js";
import { readVariables } from "./inspector.js";
import { internProgram } from "./programs.js";
import { refusal } from "./travel-error.js";
import { writeCaptures } from "./write-captures.js";

type Fn = (...args: never[]) => unknown;

const located = new WeakMap<object, LocatedFunction>();

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
  if ((typeof fn !== "function" && typeof fn !== "object") || fn === null) return refuse(fn);
  const known = located.get(fn);
  if (known) return known;
  try {
    return typeof fn === "function" ? locateNow(fn) : locateReference(fn);
  } catch (error) {
    return Promise.reject(error);
  }
}

function locateReference(reference: TaskReference): LocatedFunction | Promise<LocatedFunction> {
  if (typeof reference.module !== "string" || typeof reference.export !== "string") return refuse(reference);
  const { module, export: path } = reference;
  const payload: FunctionReference = { kind: "reference", module, export: path, loader: "import", name: path };
  return keep(reference, { payload });
}

function refuse(value: unknown): Promise<never> {
  const got = typeof value === "object" && value !== null ? "an object" : typeof value === "string" ? JSON.stringify(value) : String(value);
  return Promise.reject(new FunctionTravelError(`A call needs a function, or a reference made by workerModule(); got ${got}.`));
}

/** `snapshot`: what the variables around it held when the call was made, if something had to be awaited since. */
function locateNow(fn: Fn, snapshot?: ReadonlyMap<string, unknown>): LocatedFunction | Promise<LocatedFunction> {
  const decision = decide(fn);
  if (!decision) return locateLater(fn, [fn], snapshot);
  if (decision.kind === "reference") {
    if (decision.loader === "global" && decision.export.includes(".prototype.")) throw refusal(fn, undefined, "it is a method that uses this, and a call has none", callMethod);
    const ambiguous = ambiguity(fn);
    if (ambiguous) throw refusal(fn, ambiguous.location, ambiguous.reason);
    return keep(fn, { payload: decision });
  }
  if (decision.kind === "refused") throw refusal(fn, decision.location, decision.reason, decision.advice);
  const discovery = new Discovery(fn, decision.location, decide, snapshot);
  if (discovery.undecided.length > 0) return locateLater(fn, discovery.undecided, snapshot);
  const captures = writeCaptures(discovery);
  const payload = internProgram(discovery, captures);
  if (payload.captures === "each call") return { payload, captures };
  return discovery.closures.every((closure) => isStable(closure.fn)) ? keep(fn, { payload }) : { payload };
}

async function locateLater(fn: Fn, undecided: readonly Fn[], snapshot: ReadonlyMap<string, unknown> = readVariables(fn)): Promise<LocatedFunction> {
  await decideLater(undecided);
  return locateNow(fn, snapshot);
}

const callMethod = "Pass a function that calls it: (object, ...args) => object.method(...args).";

function keep(fn: object, found: LocatedFunction): LocatedFunction {
  located.set(fn, found);
  return found;
}
