// How a function travels, decided once a function: an explicit reference as it stands; a builtin or an
// export by module and property path. Everything is checked by identity: what the worker will find
// under that name is what was passed here.
import { FunctionTravelError } from "../executor/errors.js";
import type { Callable, TaskReference } from "../executor/executor.js";
import type { FunctionPayload, FunctionReference } from "../protocol/function-payload.js";
import { findBuiltin } from "./find-builtin.js";
import { findExport } from "./find-export.js";
import { isEntryModule } from "./entry-module.js";
import { type FunctionLocation, locateDefinition } from "./inspector.js";
import { loadedModule } from "./loaded-module.js";
import { markedReference } from "./task.js";
import { describeFunction, travelError } from "./travel-error.js";

type Fn = (...args: never[]) => unknown;

const located = new WeakMap<object, FunctionPayload>();
const pending = new WeakMap<object, Promise<FunctionPayload>>();

/**
 * Finds out how `fn` travels to a worker.
 *
 * Returns at once for a reference and for a function that was located before; else a promise.
 * @throws FunctionTravelError, by rejection, if it cannot travel: it names the function, where it is
 * defined, why, and what to do
 */
export function locateFunction(fn: Callable<never[], unknown>): FunctionPayload | Promise<FunctionPayload> {
  if ((typeof fn !== "function" && typeof fn !== "object") || fn === null) return refuse(fn);
  const known = located.get(fn) ?? pending.get(fn);
  if (known) return known;
  const payload = typeof fn === "function" ? functionPayload(fn) : referencePayload(fn);
  if (payload instanceof Promise) {
    pending.set(fn, payload);
    // What cannot travel now may be able to later, when its module has been evaluated.
    payload.then((settled) => located.set(fn, settled), () => {}).finally(() => pending.delete(fn));
  } else located.set(fn, payload);
  return payload;
}

function referencePayload(reference: TaskReference): FunctionReference | Promise<never> {
  if (typeof reference.module !== "string" || typeof reference.export !== "string") return refuse(reference);
  const { module, export: path } = reference;
  return { kind: "reference", module, export: path, loader: "import", name: path };
}

function refuse(value: unknown): Promise<never> {
  const got = typeof value === "object" && value !== null ? "an object" : typeof value === "string" ? JSON.stringify(value) : String(value);
  return Promise.reject(new FunctionTravelError(`A call needs a function, or a reference made by workerModule(); got ${got}.`));
}

function functionPayload(fn: Fn): FunctionPayload | Promise<FunctionPayload> {
  const marked = markedReference(fn);
  if (marked) return referencePayload(marked);
  const builtin = isNative(fn) ? findBuiltin(fn) : undefined;
  return builtin ?? locateExport(fn);
}

async function locateExport(fn: Fn): Promise<FunctionPayload> {
  const location = definitionOf(fn);
  const builtin = location.url.startsWith("node:") ? findBuiltin(fn) : undefined;
  if (builtin) return builtin;
  if (isEntryModule(location.url)) {
    throw travelError(fn, location, "it is defined in the program's entry module, which a worker cannot import without running the program again");
  }
  const loaded = await loadedModule(location);
  const place = loaded && findExport(loaded.exports, fn);
  if (!loaded || !place) throw travelError(fn, location, "it is not exported by the module that defines it");
  if (place.rival !== undefined && /\bthis\b/.test(Function.prototype.toString.call(fn))) {
    throw travelError(fn, location, `it is a method of both ${place.path} and ${place.rival}, and uses this, so that it cannot be told whose method to run`);
  }
  return { kind: "reference", module: loaded.url, export: place.path, loader: loaded.loader, name: fn.name || place.path };
}

function isNative(fn: Fn): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}

function definitionOf(fn: Fn): FunctionLocation {
  let location: FunctionLocation | undefined;
  try {
    location = locateDefinition(fn);
  } catch (cause) {
    throw new FunctionTravelError(
      `${describeFunction(fn)} cannot be located, since ${(cause as Error).message}. ` +
        "Name it by workerModule(), or mark it with task(), which need no inspector.",
      { cause },
    );
  }
  if (!location) throw travelError(fn, undefined, fn.name.startsWith("bound ") ? "it is a bound function, whose target and this cannot be seen from its module" : "it is native code");
  return location;
}
