// Loads a module of this package when it is first needed: synchronously, because `new ThreadPoolExecutor()` is, and in
// the root context, because what it makes outlives the call.
import { WorkerStartError } from "./errors.js";
import { inRoot } from "./root-context.js";

const BUNDLED =
  "The packages of offloop are in a bundle, without the files from which workers start. Add the plug-in of offloop/bundler to the bundler. Or leave the packages out of the bundle: " +
  '`packages: "external"` in esbuild, `external: [/^@?offloop/]` in Rollup and Rolldown, `ssr: { external: ["offloop"] }` in Vite, `externals: { offloop: "offloop" }` in webpack.';

/**
 * @param from the caller's `import.meta.url`, which some bundlers leave `undefined`
 * @param path relative to the caller, and right from the bundle that ships too: both lie one folder deep
 * @throws WorkerStartError the module is not there, because a bundler has moved the caller
 */
export function loadModule<T>(from: string | undefined, path: string): T {
  try {
    return inRoot(() => process.getBuiltinModule("node:module").createRequire(from as string)(path) as T);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (from === undefined || code === "MODULE_NOT_FOUND") throw new WorkerStartError(BUNDLED, { cause });
    throw cause;
  }
}
