// `node --import @offloop/watchdog/register server.js`: watches a program without a change to its code.
// The options come from OFFLOOP_* variables. Worker threads inherit the preload, but only the main thread
// is watched.
import { isMainThread } from "node:worker_threads";
import { optionsFromEnvironment } from "./watched/environment.js";
import { startWatchdog } from "./watched/start-watchdog.js";

if (isMainThread) {
  const watchdog = startWatchdog({ summary: true, ...optionsFromEnvironment(process.env) });
  await watchdog.ready();
}
