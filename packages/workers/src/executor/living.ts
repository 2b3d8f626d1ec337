// The executors of this thread that have not been shut down. They are held weakly: one that the program has forgotten can be
// collected.
import type { Executor } from "./executor.js";

const living = new Set<WeakRef<Executor>>();
const references = new WeakMap<Executor, WeakRef<Executor>>();
const collected = new FinalizationRegistry<WeakRef<Executor>>((reference) => living.delete(reference));

/** An executor has been made. */
export function enlist(executor: Executor): void {
  const reference = new WeakRef(executor);
  living.add(reference);
  references.set(executor, reference);
  collected.register(executor, reference);
}

/** An executor has been shut down. */
export function delist(executor: Executor): void {
  living.delete(references.get(executor)!);
}

/**
 * The executors of this thread, oldest first, without those that have been shut down, and without views made by `with()`.
 * The list keeps none of them alive after you have dropped it. It has every pool, every `InlineExecutor`, and executors of third parties that extend
 * `BaseExecutor`. Actors are no executors. Each worker has a list of its own.
 * @example
 * for (const executor of executors()) console.log(executor.kind, executor.stats().queued);
 */
export function executors(): Executor[] {
  return [...living].map((reference) => reference.deref()).filter((executor) => executor !== undefined);
}
