// DoneCallbackJob: a callback that the loop calls when a future is done.
import { AsyncResource } from "node:async_hooks";
import type { HandleDescription } from "../loop/running-handle.js";
import { runInStrand } from "../loop/strand.js";
import type { Future, FutureJob } from "./future.js";

/** Is given the future when that is done; what it returns is not looked at. */
export type DoneCallback<T> = (future: Future<T>) => unknown;

/** What a future keeps of a callback until it is done. */
export class DoneCallbackJob<T> implements FutureJob {
  id = 0;
  readonly retrieves = false;
  readonly callback: DoneCallback<T>;
  readonly #future: Future<T>;
  readonly #context: AsyncResource | undefined;

  constructor(future: Future<T>, callback: DoneCallback<T>, keepContext: boolean) {
    this.#future = future;
    this.callback = callback;
    this.#context = keepContext ? new AsyncResource("offloop.DoneCallback", { requireManualDestroy: true }) : undefined;
  }

  cancelled(): boolean {
    return false;
  }

  run(): void {
    if (this.#context === undefined) this.callback(this.#future);
    else this.#context.runInAsyncScope(() => runInStrand(undefined, () => this.callback(this.#future)));
  }

  describe(): HandleDescription {
    return { name: this.callback.name || "done callback" };
  }
}
