// Activates in a thread the loader of TypeScript of the main thread. The main side is dispatch/type-loader.ts.
import { createRequire } from "node:module";
import { getEnvironmentData } from "node:worker_threads";
import { importFrom } from "../protocol/import-from.js";
import { LOADER_KEY, type TypeLoader } from "../protocol/type-loader.js";

/** Runs `serve`, after the loader is active if there is one. */
export function withLoader(serve: () => void): void | Promise<void> {
  const loader = getEnvironmentData(LOADER_KEY) as unknown as TypeLoader | undefined;
  if (loader === undefined) return serve();
  if ("register" in loader) return registerHooks(loader.register, loader.from).then(serve);
  const { register } = createRequire(import.meta.url)(loader.tsNode) as { register(options: object): void };
  register(JSON.parse(loader.options) as object);
  return serve();
}

async function registerHooks(specifier: string, from: string): Promise<void> {
  const { register } = (await importFrom(from)(specifier)) as { register(): unknown };
  register();
}
