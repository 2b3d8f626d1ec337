// Captured values that a worker obtains by name: imports of packages and builtins, required modules, objects
// of the platform. The worker imports them again instead of receiving copies.
import { createRequire, isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { functionName } from "../../executor/text-of.js";
import type { Link } from "../../protocol/function-payload.js";
import type { Decision } from "./decision.js";
import { isEntryModule } from "./entry-module.js";
import { loadedBuiltins } from "./find-builtin.js";
import { readProxyTarget } from "./inspector.js";
import { isNamespaceOf } from "./loaded-module.js";
import type { Declaration } from "./source/script.js";

type Fn = (...args: never[]) => unknown;

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

/** The link for an object that every thread has under the same name: a global. */
export function linkOfGlobal(value: object): Link | undefined {
  const name = globals.get(value);
  return name === undefined ? undefined : { kind: "reference", module: "global", export: name, loader: "global", name };
}

/** The link for the object of functions that a CommonJS or builtin module exports. */
export function linkOfExports(value: object): Link | undefined {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(value));
  if (!descriptors.some((each) => each.enumerable && (typeof each.value === "function" || each.get !== undefined))) return undefined;
  for (const [module, exports] of loadedBuiltins()) {
    if (exports === value) return { kind: "reference", module, export: "default", loader: "import", name: module };
  }
  const path = requiredModules().get(value);
  return path === undefined ? undefined : { kind: "reference", module: pathToFileURL(path).href, export: "", loader: "require", name: path };
}

/**
 * The link for the namespace of a module, or for a proxy of one, as the module runners of test frameworks create them.
 * @param decide how a function travels: the decision about an export names the module of the namespace
 * @returns `"ask"` with the export if that is not known yet
 */
export function linkOfNamespace(value: object, decide: (fn: Fn) => Decision): Link | { readonly ask: Fn } | undefined {
  const namespace = types.isProxy(value) ? (readProxyTarget(value) as object | undefined) : value;
  if (!namespace || !types.isModuleNamespaceObject(namespace)) return undefined;
  const { default: inner } = namespace as { default?: unknown };
  for (const [module, builtin] of loadedBuiltins()) if (builtin === inner) return wholeModule(module);
  for (const fn of Object.values(namespace)) {
    if (typeof fn !== "function") continue;
    const decision = decide(fn as Fn);
    if (!decision) return { ask: fn as Fn };
    if (decision.kind === "reference" && isNamespaceOf(decision.module, namespace)) return wholeModule(decision.module);
  }
  return undefined;
}

function wholeModule(module: string): Link {
  return { kind: "reference", module, export: "", loader: "import", name: module };
}

/** The link for CommonJS's `require`, which resolves modules from its own script. */
export function linkOfRequire(fn: object, from: string): Link | undefined {
  const isRequire = functionName(fn) === "require" && Object.hasOwn(fn, "resolve") && Object.hasOwn(fn, "cache");
  return isRequire && from.startsWith("file:") ? { kind: "require", from } : undefined;
}

const globals = new Map<unknown, string>([
  [process.env, "process.env"],
  ...  ["globalThis", "console", "process", "performance", "Math", "JSON", "Reflect", "Atomics", "Intl", "WebAssembly"].map((name) => [(globalThis as Record<string, unknown>)[name], name] as const),
]);

/** Paths by `module.exports`, without the program's entry, which cannot be required in a worker. */
function requiredModules(): ReadonlyMap<unknown, string> {
  const paths = Object.keys(cache);
  if (paths.length !== commonJsCount) {
    commonJsCount = paths.length;
    // Among modules with the same exports, the one that was loaded first is used, because it has loaded the others.
    commonJs = new Map(paths.filter((path) => !isEntryModule(pathToFileURL(path).href)).reverse().map((path) => [cache[path]?.exports, path]));
  }
  return commonJs;
}
