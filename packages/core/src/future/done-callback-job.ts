// DoneCallbackJob: calls a callback through the loop when a future is done.
import { AsyncResource } from "node:async_hooks";
import { functionName } from "@offloop/workers/executor";
import type { HandleDescription } from "../loop/job.js";
import type { EventLoop } from "../loop/host.js";
import { runOutsideTasks } from "../loop/strand.js";
import type { FutureJob } from "./future-job.js";

/** A done callback. The future keeps it until the future is done. */
export class DoneCallbackJob<F extends { getLoop(): EventLoop }> implements FutureJob {
  readonly retrieves = false;
  readonly callback: (future: F) => unknown;
  readonly #future: F;
  readonly #context: AsyncResource | undefined;

  constructor(future: F, callback: (future: F) => unknown, keepContext: boolean) {
    this.#future = future;
    this.callback = callback;
    this.#context = keepContext ? new AsyncResource("offloop.DoneCallback", { requireManualDestroy: true }) : undefined;
  }

  cancelled(): boolean {
    return false;
  }

  run(): void {
    if (this.#context === undefined) this.callback(this.#future);
    else this.#context.runInAsyncScope(() => runOutsideTasks(() => this.callback(this.#future), this.#future.getLoop()));
  }

  describe(): HandleDescription {
    return { name: functionName(this.callback) || "done callback" };
  }
}
