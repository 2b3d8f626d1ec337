// Loads a module of this package, or a package that it depends on, when it is first needed: synchronously, because
// `new ThreadPoolExecutor()` is, and in the root context, because what it makes outlives the call. A failed load can be
// tried again. A failed `import()` cannot, because Node keeps its failure.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkerStartError } from "./errors.js";
import { counted } from "./loads.js";
import { inRoot } from "./root-context.js";

const BUNDLED =
  "The packages of offloop are in a bundle, without the files from which workers start. Add the plug-in of offloop/bundler to the bundler. Or leave the packages out of the bundle: " +
  '`packages: "external"` in esbuild, `external: [/^@?offloop/]` in Rollup and Rolldown, `ssr: { external: ["offloop"] }` in Vite, `externals: { offloop: "offloop" }` in webpack, `serverExternalPackages: ["offloop"]` in the configuration of Next.';

/**
 * @param from the caller's `import.meta.url`, which some bundlers leave `undefined`
 * @param path relative to the caller, and right from the bundle that ships too: both lie one folder deep
 * @throws WorkerStartError the module is not there, or is another copy, because a bundler has moved the caller; or it cannot be read now
 */
export function loadModule<T>(from: string | undefined, path: string): T {
  try {
    return load(() => {
      const loaded = requireOwn(from as string, path) as T;
      if (!(whole ||= isOnlyCopy())) throw new WorkerStartError(BUNDLED);
      return loaded;
    });
  } catch (cause) {
    if (cause instanceof WorkerStartError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (from === undefined || code === "MODULE_NOT_FOUND") throw new WorkerStartError(BUNDLED, { cause });
    throw unreadable(`its file ${path.replace(/^(?:\.\.?\/)+/, "")}`, cause);
  }
}

/** A worker counts its loads, and a pool may be created inside of a call. */
const load = <T>(require: () => T): T => inRoot(() => counted(require));

let whole = false;

/** Whether the modules that are loaded by path share this module. A bundle that keeps `import.meta.url`, as those of Next do, has a copy of its own. */
function isOnlyCopy(): boolean {
  return Object.values(requireOwn(import.meta.url, fileURLToPath(import.meta.url)) as object).includes(loadModule);
}

/** Node reports a lack of descriptors in several ways, one of which blames the configuration of the package. */
const NO_DESCRIPTORS = /EMFILE|ENFILE|too many open files/;

function unreadable(what: string, cause: unknown): WorkerStartError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = NO_DESCRIPTORS.test(reason) ? "No descriptor is free: close files and sockets, or raise the limit (ulimit -n), and try again." : "Fix the reason, and try again.";
  return new WorkerStartError(`@offloop/workers could not load ${what}. ${advice} ${reason}`, { cause });
}

/** Requires a module of this package. `as-node.cjs` is written by scripts/doors.mjs, and says why. */
function requireOwn(from: string, path: string): unknown {
  const loader = process.getBuiltinModule("node:module") as typeof import("node:module") & { readonly Module: { readonly _extensions: Record<".js", () => void> } };
  const require = loader.createRequire(from);
  // tsx has replaced the loader by its own, of this name.
  if (loader.Module._extensions[".js"].name !== "transformer") return require(path);
  return (loader.createRequire(import.meta.url)("../as-node.cjs") as (load: () => unknown) => unknown)(() => require(path));
}

/**
 * Loads a package that this package depends on.
 * @param from as above
 * @throws WorkerStartError the package is not there, or cannot be read now
 */
export function loadDependency<T>(from: string, name: string): T {
  try {
    return load(() => requireDependency(from, name) as T);
  } catch (cause) {
    throw cause instanceof WorkerStartError ? cause : unreadable(`the package ${name}`, cause);
  }
}

function requireDependency(from: string, name: string): unknown {
  const require = process.getBuiltinModule("node:module").createRequire(from);
  try {
    return require(name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    const file = fileOf(name, require.resolve.paths(name) ?? []);
    if (file === undefined) throw new WorkerStartError(`The package ${name} cannot be found beside @offloop/workers. Keep both packages out of the bundle.`, { cause });
    return require(file);
  }
}

/**
 * The main file of a package. Node looks for it once, and takes a package.json that could not be read because no
 * descriptor was free for one that does not exist. It keeps that answer.
 */
function fileOf(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      const text = process.getBuiltinModule("node:fs").readFileSync(join(folder, name, "package.json"), "utf8");
      return join(folder, name, (JSON.parse(text) as { main: string }).main);
    } catch (error) {
      if (!["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code!)) throw error;
    }
  }
  return undefined;
}
