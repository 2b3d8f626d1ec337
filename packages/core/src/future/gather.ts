// gather(): awaits several at once, as one future that can be cancelled.
import { Future } from "./future.js";

type Results<A extends readonly unknown[]> = { -readonly [K in keyof A]: Awaited<A[K]> };

/**
 * Resolves with the results of all, in their order.
 *
 * The first failure rejects it; the others go on. With `returnExceptions` errors stand among the
 * results. Cancelling it cancels every future of it that is pending.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
 */
export function gather<const A extends readonly unknown[]>(awaitables: A, { returnExceptions = false }: { returnExceptions?: boolean } = {}): Future<Results<A>> {
  if (!Array.isArray(awaitables)) throw new TypeError("gather takes an array of promises or futures");
  return new Gathering(awaitables, returnExceptions) as unknown as Future<Results<A>>;
}

class Gathering extends Future<unknown[]> {
  readonly #children: readonly unknown[];
  #cancelMessage: unknown;
  #cancelRequested = false;

  constructor(children: readonly unknown[], returnExceptions: boolean) {
    super();
    this.#children = children;
    const results: unknown[] = Array.from({ length: children.length });
    let left = children.length;
    const settled = (index: number, value: unknown): void => {
      results[index] = value;
      left -= 1;
      if (left > 0 || this.done()) return;
      if (this.#cancelRequested) super.cancel(this.#cancelMessage);
      else this.setResult(results);
    };
    children.forEach((child, index) => {
      Promise.prototype.then.call(
        Promise.resolve(child),
        (value) => settled(index, value),
        (error: unknown) => {
          if (!returnExceptions && !this.#cancelRequested && !this.done()) this.setException(error);
          settled(index, error);
        },
      );
    });
    if (left === 0) this.setResult([]);
  }

  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    let any = false;
    for (const child of this.#children) if (child instanceof Future && child.cancel(message)) any = true;
    if (!any) return super.cancel(message);
    this.#cancelRequested = true;
    this.#cancelMessage = message;
    return true;
  }
}

