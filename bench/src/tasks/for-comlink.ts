// Exposes a counter over the thread's own port.
import { parentPort } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { Counter } from "./counter.js";

expose(new Counter(), nodeEndpoint(parentPort!));
