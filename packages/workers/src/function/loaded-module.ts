// What a module that is loaded already exports. Never loads one: an ECMAScript module is imported under
// the URL that its own code has, which Node answers from its cache, and CommonJS is read from
// require.cache.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ModuleLoader } from "../protocol/function-payload.js";
import type { FunctionLocation } from "./inspector.js";

/** A module of this process, and how it was loaded. */
export interface LoadedModule {
  readonly url: string;
  readonly loader: ModuleLoader;
  readonly exports: object;
}

const { cache } = createRequire(import.meta.url);
const importable = /^(?:file|data|https?):/;

/**
 * The most that the import of a loaded module may take. It is a few microtasks, or a message to the
 * thread of the loader hooks and back; past this the module must be in its own top-level await, which
 * may well wait for this very call.
 */
const importTimeoutMs = 1_000;

/** The loaded module that `location` is in; undefined for code of no module (eval, node:vm, a module runner) and of one that is still being evaluated. */
export async function loadedModule({ url, inModule }: FunctionLocation): Promise<LoadedModule | undefined> {
  if (!importable.test(url)) return undefined;
  if (inModule) {
    const namespace = await importLoaded(url);
    return namespace && { url, loader: "import", exports: namespace };
  }
  if (!url.startsWith("file:")) return undefined;
  const loaded = cache[fileURLToPath(url)];
  const exports: unknown = loaded?.exports;
  if ((typeof exports !== "object" && typeof exports !== "function") || exports === null) return undefined;
  return { url, loader: "require", exports };
}

/** Its namespace; undefined while it has not finished its top-level await. */
async function importLoaded(url: string): Promise<object | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const unfinished = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), importTimeoutMs)));
  try {
    return await Promise.race([import(url) as Promise<object>, unfinished]);
  } finally {
    clearTimeout(timer);
  }
}
