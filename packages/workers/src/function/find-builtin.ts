// Functions of the platform: every thread and process has them, so they travel by their name, whether
// written in C++ or in JavaScript: `JSON.parse`, `structuredClone`, `zlib.gzipSync`, `crypto.scryptSync`.
import type { FunctionReference } from "../protocol/function-payload.js";
import { type ExportIndex, indexExports } from "./find-export.js";

/** The modules whose functions work on their arguments alone, or on the machine, and hold nothing of this thread. */
const modules = ["buffer", "child_process", "crypto", "dns", "fs", "fs/promises", "os", "path", "querystring", "timers/promises", "url", "util", "v8", "zlib"];

/** Names of the global object whose methods make sense elsewhere; `console`, say, does not return anything. */
const globals = [
  "Array", "ArrayBuffer", "Atomics", "BigInt", "Boolean", "Buffer", "Date", "JSON", "Math", "Number", "Object", "Reflect", "String",
  "atob", "btoa", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "fetch", "isFinite", "isNaN", "parseFloat", "parseInt",
  "structuredClone", "unescape", "URL", "WebAssembly",
] as const;

let indexes: readonly (readonly [module: string, index: ExportIndex])[] | undefined;

/** The reference to `fn` if the platform has it by name. */
export function findBuiltin(fn: { readonly name: string }): FunctionReference | undefined {
  indexes ??= [
    ["global", indexExports(globalFunctions())],
    ...modules.map((name) => [`node:${name}`, indexExports(process.getBuiltinModule(`node:${name}`) as object)] as const),
  ];
  for (const [module, index] of indexes) {
    const place = index.get(fn);
    if (place) return { kind: "reference", module, export: place.path, loader: module === "global" ? "global" : "import", name: fn.name || place.path };
  }
  return undefined;
}

/** Only the listed names, read without running a getter that would load what nobody asked for. */
function globalFunctions(): object {
  return Object.fromEntries(globals.map((name) => [name, (globalThis as Record<string, unknown>)[name]]));
}
