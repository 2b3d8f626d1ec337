// `node --import @offloop/watchdog/register server.js`: watches a program without a change to its code. The options come
// from OFFLOOP_* variables. Worker threads and child processes inherit the preload. It watches the main thread of each
// process, except of one whose work is meant to hold its loop: a worker of a pool, which has OFFLOOP_WORKER.
import { isMainThread } from "node:worker_threads";
import { SPOOL_VARIABLE } from "./protocol/spool.js";
import { optionsFromEnvironment } from "./watched/environment.js";
import { startSpooled } from "./watched/start-watchdog.js";

if (isMainThread && process.env["OFFLOOP_WORKER"] === undefined) {
  const watchdog = startSpooled({ summary: true, ...optionsFromEnvironment(process.env) }, process.env[SPOOL_VARIABLE] || undefined);
  await watchdog.ready();
}
