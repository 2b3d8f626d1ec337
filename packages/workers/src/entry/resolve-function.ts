// Worker side of how a function travels: from the payload that function/locate-function.ts made to
// something that can be called. Each payload is resolved once a worker; a failed one is tried again.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { FunctionTravelError } from "../executor/errors.js";
import type { FunctionPayload, FunctionReference } from "../protocol/function-payload.js";

/** A function ready to be called with any `this`: a method is bound to the object that it was found on. */
export type ResolvedFunction = (...args: unknown[]) => unknown;

const resolved = new Map<string, ResolvedFunction | Promise<ResolvedFunction>>();

/**
 * The function that `payload` stands for, at once where it was resolved before.
 * @throws FunctionTravelError, by rejection, if its module cannot be loaded (the reason is the cause), or does not have it (it says what the module has)
 */
export function resolveFunction(payload: FunctionPayload): ResolvedFunction | Promise<ResolvedFunction> {
  const key = `${payload.loader} ${payload.module} ${payload.export}`;
  const known = resolved.get(key);
  if (known) return known;
  const pending = load(payload).then(
    (exports) => {
      const fn = pick(exports, payload);
      resolved.set(key, fn);
      return fn;
    },
  );
  resolved.set(key, pending);
  pending.catch(() => resolved.delete(key));
  return pending;
}

async function load({ module, loader, export: path }: FunctionReference): Promise<unknown> {
  try {
    if (loader === "global") return globalThis;
    if (loader === "require") return createRequire(module)(fileURLToPath(module));
    return await import(module);
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new FunctionTravelError(`The worker could not load ${module} to find ${path} in it. ${why}`, { cause });
  }
}

function pick(exports: unknown, payload: FunctionReference): ResolvedFunction {
  const keys = payload.export === "" ? [] : payload.export.split(".");
  let holder: unknown;
  let value = payload.loader === "import" && keys[0] !== undefined ? exportsWith(exports, keys[0]) : exports;
  for (const [depth, key] of keys.entries()) {
    holder = value;
    if ((typeof holder !== "object" && typeof holder !== "function") || holder === null || !(key in holder)) {
      throw missing(payload, keys.slice(0, depth), key, holder);
    }
    value = (holder as Record<string, unknown>)[key];
  }
  if (typeof value !== "function") {
    throw new FunctionTravelError(`${payload.export} of ${payload.module} is no function in the worker, but ${value === null ? "null" : `of type ${typeof value}`}.`);
  }
  return (keys.length > 1 ? value.bind(holder) : value) as ResolvedFunction;
}

/** CommonJS that is imported may keep what it exports to its default, where the names could not be seen ahead. */
function exportsWith(exports: unknown, key: string): unknown {
  const { default: inner } = exports as { default?: unknown };
  const hidden = !(key in (exports as object)) && ((typeof inner === "object" && inner !== null) || typeof inner === "function") && key in inner;
  return hidden ? inner : exports;
}

function missing({ module, export: path }: FunctionReference, found: string[], key: string, holder: unknown): FunctionTravelError {
  const has = typeof holder === "object" || typeof holder === "function" ? Object.keys(holder ?? {}).join(", ") : "";
  const where = found.length === 0 ? module : `${found.join(".")} of ${module}`;
  return new FunctionTravelError(`${where} has no ${key} in the worker (looked for ${path}); it has ${has || "no exports"}. Check the name, and that the module exports the same in every thread.`);
}
