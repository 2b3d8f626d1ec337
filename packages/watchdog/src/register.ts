// `node --import @offloop/watchdog/register server.js`: watches a program without a change to its code. The options come
// from OFFLOOP_* variables. Worker threads and child processes inherit the preload. It watches the main thread of each
// process, except of one whose work is meant to hold its loop: a worker of a pool, which has OFFLOOP_WORKER.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { wrongOption } from "./errors.js";
import type { StallLogger } from "./protocol/options.js";
import { SPOOL_VARIABLE } from "./protocol/spool.js";
import { optionsFromEnvironment } from "./watched/environment.js";
import { startSpooled } from "./watched/start-watchdog.js";

if (isMainThread && process.env["OFFLOOP_WORKER"] === undefined) {
  const { OFFLOOP_LOGGER: module } = process.env;
  const logger = module ? await loadLogger(module) : undefined;
  const watchdog = startSpooled({ summary: true, logger, ...optionsFromEnvironment(process.env) }, process.env[SPOOL_VARIABLE] || undefined);
  await watchdog.ready();
}

/** The logger of a module: its export `logger`, or its default export. @throws WatchdogOptionError the module cannot be loaded, or exports none */
async function loadLogger(path: string): Promise<StallLogger> {
  const takes = "the path of a module that exports an object with a method warn(object, text), as logger or as default";
  const exported = await import(pathToFileURL(resolve(path)).href).then(
    (loaded: { readonly logger?: StallLogger; readonly default?: StallLogger & { readonly logger?: StallLogger } }) => loaded.logger ?? loaded.default?.logger ?? loaded.default,
    (error: unknown) => {
      throw wrongOption("OFFLOOP_LOGGER", path, `${takes} (${String(error)})`);
    },
  );
  if (typeof exported?.warn !== "function") throw wrongOption("OFFLOOP_LOGGER", path, takes);
  return exported;
}
