// task(): marks a function with the module and the export where a worker finds it. For bundled code, and
// where there is no inspector.
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { ModuleExport } from "../executor/callable.js";
import { checkOption, checkOptions, invalidArgument, nameText, type OptionTable, type OptionType, requireOptions } from "../executor/check-options.js";
import { functionName } from "../executor/text-of.js";

/** Where a worker finds a function. */
export interface TaskMarkOptions {
  /** The module that exports it: `import.meta.url`, or `__filename` in CommonJS. */
  module: string | URL;
  /**
   * The export's property path.
   * @default the function's name
   */
  export?: string | undefined;
}

const marks = new WeakMap<object, ModuleExport>();

/**
 * Marks `fn` as the export of a module, and returns it. It can still be called directly.
 *
 * The module must export it under that name. A worker that does not find it lists the exports that exist.
 * @param fn the function; it is not changed
 * @throws InvalidArgumentError if `fn` is not a function; InvalidOptionError if `module` is not an absolute URL or path, or if no name is known
 * @example
 * export const render = task((text: string) => text.toUpperCase(), { module: import.meta.url, export: "render" });
 */
export function task<F extends (...args: never[]) => unknown>(fn: F, options: TaskMarkOptions): F {
  if (typeof fn !== "function") throw invalidArgument("task()", "a function", fn, 'task(fn, { module: import.meta.url })');
  marks.set(fn, resolveTaskMarkOptions(options, functionName(fn)));
  return fn;
}

const moduleType: OptionType = {
  takes: 'an absolute URL, such as new URL("./tasks.js", import.meta.url), or an absolute path',
  accepts: (value) => value instanceof URL || (typeof value === "string" && (isAbsolute(value) || URL.canParse(value))),
};
const exportName: OptionType = { ...nameText, takes: "the name under which the module exports the function" };
const taskMarkOptionTypes: OptionTable<TaskMarkOptions> = { module: moduleType, export: exportName };

/** @param fallback the export's name where the options have none */
function resolveTaskMarkOptions(options: TaskMarkOptions, fallback: string): ModuleExport {
  const given = checkOptions("task()", requireOptions("task()", options), taskMarkOptionTypes);
  const path = given.export ?? fallback;
  checkOption("task()", "export", path, exportName);
  return { module: moduleUrl("task()", given.module), export: path };
}

/** The reference with which `task` marked `fn`. */
export function markedReference(fn: object): ModuleExport | undefined {
  return marks.get(fn);
}

/** The URL of a module as `import()` takes it on any thread: absolute. @throws InvalidOptionError */
export function moduleUrl(of: string, module: unknown): string {
  checkOption(of, "module", module, moduleType);
  if (module instanceof URL) return module.href;
  return isAbsolute(module as string) ? pathToFileURL(module as string).href : new URL(module as string).href;
}
