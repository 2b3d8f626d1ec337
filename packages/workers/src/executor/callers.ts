// Remembers where a function was first given to an executor. The module there has the function by an import, which
// names it for the worker: function/leaving/callers-imports.ts.

import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { otherRuntime } from "./runtime.js";

/** The number of frames that are examined: the caller may use its own helpers. */
const FRAMES = 24;

/** The number of modules that are kept. In Bun and Deno, each is there twice. */
const MOST_FILES = otherRuntime === undefined ? 3 : 6;

const callers = new WeakMap<object, readonly string[]>();

/** Modules of offloop, which import no function of the program. Where stacks are source-mapped, they are in `src`. */
const own = /\/(@offloop\/\w+|offloop|packages\/(core|workers|offloop))\/(dist|src)\//;

/** Records the modules on the stack if `fn` is new. This takes about 10 µs the first time, and 20 ns later. */
export function noteCallers(fn: unknown): void {
  if (typeof fn === "function" && !callers.has(fn)) callers.set(fn, filesOnStack());
}

/** The modules that gave `fn` to an executor first: URLs of ECMAScript modules, paths of CommonJS ones. Innermost first. */
export function callersOf(fn: object): readonly string[] {
  return callers.get(fn) ?? [];
}

function filesOnStack(): string[] {
  let sites: readonly NodeJS.CallSite[] | undefined;
  try {
    const { prepareStackTrace, stackTraceLimit } = Error;
    try {
      Error.stackTraceLimit = FRAMES;
      Error.prepareStackTrace = (_error, found) => found;
      sites = new Error().stack as unknown as readonly NodeJS.CallSite[];
    } finally {
      Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    }
  } catch {
    // Error is frozen: functions are named by the modules that define them.
  }
  if (!Array.isArray(sites)) return [];
  const files = new Set<string>();
  for (const site of sites) {
    const file = site.getFileName();
    if (files.size < MOST_FILES && file !== undefined && file !== null && !file.startsWith("node:") && !own.test(file)) {
      files.add(file);
      // Bun and Deno name an ECMAScript module by its path.
      if (otherRuntime !== undefined && isAbsolute(file)) files.add(pathToFileURL(file).href);
    }
  }
  return [...files];
}
