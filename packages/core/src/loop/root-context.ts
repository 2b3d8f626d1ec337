// The root context: loops and clocks run in it, so that they keep the AsyncLocalStorage values of no caller alive.
import { AsyncResource } from "node:async_hooks";

/** Made when this module is loaded, and not when a request first uses a loop. */
export const rootContext = new AsyncResource("offloop.Root", { requireManualDestroy: true });
