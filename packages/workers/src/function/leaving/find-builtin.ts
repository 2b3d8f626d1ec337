// Functions of the platform: every thread and process has them, so they travel by name, whether they are
// written in C++ or JavaScript: `JSON.parse`, `structuredClone`, `zlib.gzipSync`, `crypto.scryptSync`.
import { foreignGlobal } from "../../executor/realm.js";
import type { FunctionReference } from "../../protocol/function-payload.js";
import { type ExportIndex, indexExports, indexWithPrototypes, valueAt } from "./find-export.js";
import { functionName } from "../../executor/text-of.js";

// Public modules, except those that warn or change the process when they are loaded.
const modules = [
  "assert", "async_hooks", "buffer", "child_process", "crypto", "dns", "dns/promises", "events", "fs", "fs/promises", "http", "https", "module", "net", "os", "path",
  "path/posix", "path/win32", "perf_hooks", "process", "querystring", "readline", "stream", "stream/promises", "string_decoder", "timers", "timers/promises", "tls", "tty", "url", "util",
  "util/types", "v8", "vm", "worker_threads", "zlib",
];

// Node's own list of loaded builtins, by name. Without it, all are checked.
const { moduleLoadList } = process as { moduleLoadList?: string[] };
const builtins = new Map<string, { exports: object; index?: ExportIndex }>();
/** The functions of each context's global object. */
const globalIndexes = new WeakMap<object, ExportIndex>();

/** The loaded builtin modules, with the results of `require`. Reading them loads none. */
export function* loadedBuiltins(): Generator<[module: string, exports: object]> {
  for (const [module, { exports }] of known()) yield [module, exports];
}

/** The reference to `fn`, if the platform has a name for it. */
export function findBuiltin(fn: object): FunctionReference | undefined {
  const global = indexOf(globalThis).get(fn) ?? foreignPlace(fn);
  if (global) return { kind: "reference", module: "global", export: global.path, loader: "global", name: functionName(fn) || global.path };
  for (const [module, builtin] of known()) {
    builtin.index ??= indexExports(builtin.exports);
    const place = builtin.index.get(fn);
    // An empty path is the module itself: `events` is EventEmitter, `assert` is a function.
    if (place) return { kind: "reference", module, export: place.path || "default", loader: "import", name: functionName(fn) || place.path };
  }
  // Globals that Node loads at their first use, such as AbortController: code that holds one has used it.
  const name = functionName(fn);
  const isGlobal = Object.hasOwn(globalThis, name) && (globalThis as Record<string, unknown>)[name] === fn;
  return isGlobal ? { kind: "reference", module: "global", export: name, loader: "global", name } : undefined;
}

/** The place of a function of another context, such as its `Error`. A worker takes its own from there. */
function foreignPlace(fn: object): { readonly path: string } | undefined {
  const global = foreignGlobal(fn);
  const place = global && indexOf(global).get(fn);
  return place && typeof valueAt(globalThis, place.path) === "function" ? place : undefined;
}

function indexOf(global: object): ExportIndex {
  let index = globalIndexes.get(global);
  if (index === undefined) globalIndexes.set(global, (index = indexWithPrototypes(globalFunctions(global))));
  return index;
}

function known(): typeof builtins {
  for (const name of modules) {
    const module = `node:${name}`;
    if (!builtins.has(module) && (!moduleLoadList || moduleLoadList.includes(`NativeModule ${name}`))) {
      builtins.set(module, { exports: process.getBuiltinModule(module) as object });
    }
  }
  return builtins;
}

/** The functions of the global object, and the objects that hold its other functions. Runs no getter except old ones of the platform. */
function globalFunctions(global: object): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(global)) {
    const value: unknown = Object.getOwnPropertyDescriptor(global, name)?.value;
    if (typeof value === "function") found[name] = value;
  }
  for (const name of ["Atomics", "Intl", "JSON", "Math", "Reflect", "WebAssembly", "console", "process", "performance", "fetch"]) {
    found[name] = (global as Record<string, unknown>)[name];
  }
  return found;
}
