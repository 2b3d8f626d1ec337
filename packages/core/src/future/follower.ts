// Follower: a future that other futures settle by their done callbacks. It names them for call graphs.
import type { EventLoop } from "../loop/host.js";
import { Future } from "./future.js";

/** A future with the futures that settle it. */
export class Follower<T> extends Future<T> {
  readonly #futures: Iterable<Future<unknown>>;

  constructor(futures: Iterable<Future<unknown>>, loop: EventLoop) {
    super({ loop });
    this.#futures = futures;
  }

  override get awaits(): Iterable<Future<unknown>> {
    return this.#futures;
  }
}
