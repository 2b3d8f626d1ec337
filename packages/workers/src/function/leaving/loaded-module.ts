// Reads the exports of a module that is already loaded. Never loads one: an ECMAScript module is imported
// under the URL of its own code, which Node answers from its cache, and CommonJS is read from
// require.cache.
import { clearTimeout, setTimeout } from "../../executor/real-time.js";
import { inRoot } from "../../executor/root-context.js";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ModuleLoader } from "../../protocol/function-payload.js";
import type { FunctionLocation } from "./function-location.js";
import { NativePromise } from "../../executor/intrinsics.js";

/** A module of this process, and how it was loaded. */
export interface LoadedModule {
  readonly url: string;
  readonly loader: ModuleLoader;
  readonly exports: object;
}

const require = createRequire(import.meta.url);
const { cache } = require;
const importable = /^(?:file|data|https?):/;

/**
 * The longest that the import of a loaded module may take. It takes a few microtasks, or one message to the
 * thread of the loader hooks and back. After this time the module must be in its own top-level await, which
 * may be waiting for this very call.
 */
const IMPORT_TIMEOUT_MS = 1_000;

/** The instance that `require` and `import` share under one name: files that no loader has changed. */
const requirable = (process.features as { typescript?: unknown }).typescript ? /^file:[^?#]+\.m?[jt]s$/ : /^file:[^?#]+\.m?js$/;

const namespaces = new Map<string, object>();

/** The loaded module of `location`; undefined for code outside modules (eval, node:vm, a module runner); `"ask"` if `loadModule` must find out. */
export function loadedModule({ url, inModule }: FunctionLocation): LoadedModule | undefined | "ask" {
  if (!importable.test(url)) return undefined;
  if (inModule) {
    const namespace = namespaces.get(url);
    return namespace ? { url, loader: "import", exports: namespace } : "ask";
  }
  const exports: unknown = url.startsWith("file:") ? cache[fileURLToPath(url)]?.exports : undefined;
  return (typeof exports === "object" || typeof exports === "function") && exports !== null ? { url, loader: "require", exports } : undefined;
}

/** Whether `namespace` is that of the module at `url`, as far as it was requested. */
export function isNamespaceOf(url: string, namespace: object): boolean {
  return namespaces.get(url) === namespace;
}

/** As `loadedModule`, but awaits the namespace; undefined also for a module that is still being evaluated. */
export async function loadModule(location: FunctionLocation): Promise<LoadedModule | undefined> {
  const loaded = loadedModule(location);
  if (loaded !== "ask") return loaded;
  const namespace = await importLoaded(location.url);
  if (!namespace) return undefined;
  namespaces.set(location.url, namespace);
  return { url: location.url, loader: "import", exports: namespace };
}

/** As `loadModule`, synchronously; `"ask"` if it cannot answer: a module with a top-level await, or of a loader. */
export function loadModuleNow(location: FunctionLocation): LoadedModule | undefined | "ask" {
  const loaded = loadedModule(location);
  if (loaded !== "ask" || !requirable.test(location.url)) return loaded;
  try {
    namespaces.set(location.url, inRoot(() => require(fileURLToPath(location.url)) as object));
  } catch {
    return "ask";
  }
  return loadedModule(location);
}

/** Its namespace; undefined while its top-level await is pending. */
async function importLoaded(url: string): Promise<object | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const unfinished = new NativePromise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), IMPORT_TIMEOUT_MS)));
  try {
    return await NativePromise.race([inRoot(() => import(url) as Promise<object>), unfinished]);
  } catch {
    // node:vm created a module under a name that import() cannot find.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
