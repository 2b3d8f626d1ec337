// comlink, loaded by `require()`. Node 20 does not ask a loader, such as Yarn's Plug'n'Play, for what a module imports that
// was itself required, as the bundle of this folder is.
import type * as Comlink from "comlink";
import { loadDependency } from "../executor/load-module.js";

const comlink = loadDependency<typeof Comlink>(import.meta.url, "comlink");

export const { expose, transfer, wrap } = comlink;
export const finalizer: typeof Comlink.finalizer = comlink.finalizer;
export const releaseProxy: typeof Comlink.releaseProxy = comlink.releaseProxy;
