// What a function captures and a worker has by name: imports of packages and builtins, modules that
// were required, the objects of the platform. They are imported again there instead of being copied.
import { createRequire, isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import type { Link } from "../protocol/function-payload.js";
import { isEntryModule } from "./entry-module.js";
import { loadedBuiltins } from "./find-builtin.js";
import type { Declaration } from "./source/script.js";

const { cache } = createRequire(import.meta.url);
let commonJs = new Map<unknown, string>();
let commonJsCount = -1;

/** The link for a captured variable, by how it was declared: an import of a builtin, of a package, or of a whole module. */
export function linkOfVariable(declaration: Declaration | undefined, from: string): Link | undefined {
  if (!declaration?.imported || declaration.imported.attributes) return undefined;
  const { specifier, name } = declaration.imported;
  const isPackage = isBuiltin(specifier) || !/^(?:[./#]|[a-z]+:)/i.test(specifier);
  if (!isPackage && (name !== "*" || (URL.canParse(specifier, from) && isEntryModule(new URL(specifier, from).href)))) return undefined;
  return { kind: "import", specifier, name, from };
}

/** The link for an object that every thread has: a global, a builtin module, a module of CommonJS. */
export function linkOfObject(value: object, holdsFunctions: () => boolean): Link | undefined {
  const name = globals.get(value);
  if (name !== undefined) return { kind: "reference", module: "global", export: name, loader: "global", name };
  if (!holdsFunctions()) return undefined;
  for (const [module, exports] of loadedBuiltins()) {
    if (exports === value) return { kind: "reference", module, export: "default", loader: "import", name: module };
  }
  const path = requiredModules().get(value);
  return path === undefined ? undefined : { kind: "reference", module: pathToFileURL(path).href, export: "", loader: "require", name: path };
}

/** The link for CommonJS's own `require`, which finds its modules from the script that it was given to. */
export function linkOfRequire(fn: object, from: string): Link | undefined {
  const isRequire = (fn as { name?: unknown }).name === "require" && Object.hasOwn(fn, "resolve") && Object.hasOwn(fn, "cache");
  return isRequire && from.startsWith("file:") ? { kind: "require", from } : undefined;
}

const globals = new Map<unknown, string>(
  ["globalThis", "console", "process", "performance", "Math", "JSON", "Reflect", "Atomics", "Intl", "WebAssembly"].map((name) => [(globalThis as Record<string, unknown>)[name], name]),
);

/** Paths by `module.exports`, without the program's entry, which cannot be required in a worker. */
function requiredModules(): ReadonlyMap<unknown, string> {
  const paths = Object.keys(cache);
  if (paths.length !== commonJsCount) {
    commonJsCount = paths.length;
    commonJs = new Map(paths.filter((path) => !isEntryModule(pathToFileURL(path).href)).map((path) => [cache[path]?.exports, path]));
  }
  return commonJs;
}
