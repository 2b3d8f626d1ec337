// task(): marks a function with the module and the export where a worker finds it. For bundled code, and
// where there is no inspector.
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidOptionError } from "../executor/errors.js";
import type { ModuleExport } from "../executor/callable.js";

type Fn = (...args: never[]) => unknown;

/** Where a worker finds a function. */
export interface TaskOptions {
  /** The module that exports it: `import.meta.url`, or `__filename` in CommonJS. */
  module: string | URL;
  /**
   * The export's property path.
   * @default the function's name
   */
  export?: string;
}

const marks = new WeakMap<object, ModuleExport>();

/**
 * Marks `fn` as the export of a module, and returns it. It can still be called directly.
 *
 * The module must export it under that name. A worker that does not find it lists the exports that exist.
 * @param fn the function; it is not changed
 * @throws InvalidOptionError if `fn` is not a function, if `module` is not an absolute URL or path, or if no name is known
 * @example
 * export const render = task((text: string) => text.toUpperCase(), { module: import.meta.url, export: "render" });
 */
export function task<F extends Fn>(fn: F, options: TaskOptions): F {
  if (typeof fn !== "function") throw new InvalidOptionError("fn", fn, "a function");
  const path = options.export ?? fn.name;
  if (typeof path !== "string" || path === "") throw new InvalidOptionError("export", path, "the name under which the module exports the function");
  marks.set(fn, { module: moduleUrl(options.module), export: path });
  return fn;
}

/** The reference with which `task` marked `fn`. */
export function markedReference(fn: object): ModuleExport | undefined {
  return marks.get(fn);
}

/** The URL of a module as `import()` takes it on any thread: absolute. */
export function moduleUrl(module: string | URL): string {
  if (module instanceof URL) return module.href;
  if (typeof module === "string") {
    if (isAbsolute(module)) return pathToFileURL(module).href;
    if (URL.canParse(module)) return new URL(module).href;
  }
  throw new InvalidOptionError("module", module, 'an absolute URL, such as new URL("./tasks.js", import.meta.url), or an absolute path');
}
