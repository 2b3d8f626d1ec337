// Decides whether a function travels by name or as code. A function of a module whose exports are known is
// decided at once. Otherwise the module's namespace is requested first.
import type { FunctionReference } from "../../protocol/function-payload.js";
import { missingGrant } from "../../executor/missing-grant.js";
import { isNativeFunction } from "../../executor/realm.js";
import type { Decision, Refused } from "./decision.js";
import { loadImports } from "./callers-imports.js";
import { isEntryModule } from "./entry-module.js";
import { findBuiltin } from "./find-builtin.js";
import { findExport } from "./find-export.js";
import type { FunctionLocation } from "./function-location.js";
import { locateDefinition } from "./inspector.js";
import { type LoadedModule, loadedModule, loadModule, loadModuleNow } from "./loaded-module.js";
import { markedReference } from "../task.js";
import { refusal } from "./travel-error.js";
import { functionName } from "../../executor/text-of.js";
import { NativePromise } from "../../executor/intrinsics.js";

type Fn = (...args: never[]) => unknown;
type Decided = NonNullable<Decision>;

const decisions = new WeakMap<Fn, Decided>();
const rivals = new WeakMap<Fn, Refused>();

/** A question about a function's module. */
interface Question {
  readonly location: FunctionLocation;
  /** Resolves when it is answered; undefined before it is asked. */
  answer: Promise<void> | undefined;
  waiting: number;
}

/** The open questions. Many calls of one function may wait for the same answer. */
const questions = new WeakMap<Fn, Question>();

/** The decision about `fn`; undefined if `decideLater` has to be awaited first. */
export function decide(fn: Fn): Decided | undefined {
  const known = decisions.get(fn) ?? (questions.has(fn) ? undefined : decideNow(fn));
  if (known) decisions.set(fn, known);
  return known;
}

/** The refusal of an exported method that two objects have, and that uses `this`. */
export function ambiguity(fn: Fn): Refused | undefined {
  return rivals.get(fn);
}

/** Counts one more call that will wait for the decision about `fn`. */
export function countWaiting(fn: Fn): number {
  const question = questions.get(fn);
  return question ? (question.waiting += 1) : 0;
}

/** Resolves when `decide` has an answer for each of `fns`. */
export async function decideLater(fns: readonly Fn[]): Promise<void> {
  await NativePromise.all(fns.map(async (fn) => {
    await loadImports(fn);
    const question = questions.get(fn);
    if (question !== undefined) await (question.answer ??= ask(fn, question.location));
  }));
}

async function ask(fn: Fn, location: FunctionLocation): Promise<void> {
  try {
    decisions.set(fn, fromModule(fn, location, await loadModule(location)));
  } finally {
    questions.delete(fn);
  }
}

/** As `decideLater`, synchronously. @throws FunctionTravelError the answer would take an await */
export function decideWithoutWaiting(fns: readonly Fn[]): void {
  for (const fn of fns) {
    const location = questions.get(fn)?.location ?? (locateDefinition(fn) as FunctionLocation);
    const loaded = loadModuleNow(location);
    if (loaded === "ask") throw refusal(fn, location, "its module can only be examined asynchronously", "Name it by workerModule(), mark it with task(), or await fromThread() in its place.");
    decisions.set(fn, fromModule(fn, location, loaded));
  }
}

function decideNow(fn: Fn): Decided | undefined {
  const marked = markedReference(fn);
  if (marked) return { kind: "reference", module: marked.module, export: marked.export, loader: "import", name: functionName(fn) || marked.export };
  if (isNativeFunction(fn)) return findBuiltin(fn) ?? refuseNative(fn);
  let location: FunctionLocation | undefined;
  try {
    location = locateDefinition(fn);
  } catch (cause) {
    return { ...refuse(undefined, `it cannot be located, because ${(cause as Error).message}${missingGrant(cause)}`), advice: "Name it by workerModule(), or mark it with task(): they need no inspector." };
  }
  if (!location) return refuse(undefined, "V8 does not report where it is defined");
  if (location.url.startsWith("node:")) return findBuiltin(fn) ?? refuse(location, "it is a function inside Node.js, without a public name");
  if (isEntryModule(location.url)) return { kind: "code", location };
  const loaded = loadedModule(location);
  if (loaded !== "ask") return fromModule(fn, location, loaded);
  questions.set(fn, { location, answer: undefined, waiting: 0 });
  return undefined;
}

function fromModule(fn: Fn, location: FunctionLocation, loaded: LoadedModule | undefined): Decided {
  const place = loaded && findExport(loaded.exports, fn);
  if (!loaded || !place) return { kind: "code", location };
  if (place.rival !== undefined && /\bthis\b/.test(Function.prototype.toString.call(fn))) {
    rivals.set(fn, { ...refuse(location, `it is a method of both ${place.path} and ${place.rival}, and uses this, but a call does not say which object is meant`), advice: `Pass (...args) => ${place.path}(...args).` });
  }
  return { kind: "reference", module: loaded.url, export: place.path, loader: loaded.loader, name: functionName(fn) || place.path } satisfies FunctionReference;
}

function refuseNative(fn: Fn): Refused {
  const name = functionName(fn);
  if (!name.startsWith("bound ")) return { ...refuse(undefined, "it is native code without a public name"), advice: "Pass an arrow function that calls it." };
  const target = name.slice("bound ".length) || "method";
  return { ...refuse(undefined, "it is a bound function, whose target cannot be read"), advice: `Pass an arrow function that calls it, (...args) => object.${target}(...args). The object is captured.` };
}

function refuse(location: FunctionLocation | undefined, reason: string): Refused {
  return { kind: "refused", reason, location };
}
