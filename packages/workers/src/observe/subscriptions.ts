// Subscriptions to diagnostics channels that end together.
import type { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { TypedChannel } from "../executor/channels.js";

/** A group of subscriptions. */
export class Subscriptions {
  readonly #undo: (() => void)[] = [];

  /** Subscribes to a channel. @param listener must not throw: Node reports what it throws as an uncaught exception */
  add<T>(channelOf: Pick<TypedChannel<T>, "name"> & { publish?(event: T): void }, listener: (event: T) => void): void {
    const { name } = channelOf;
    const listen = (event: unknown): void => listener(event as T);
    subscribe(name, listen);
    this.#undo.push(() => unsubscribe(name, listen));
  }

  /** While an event is published, `storage` holds what `valueOf` returns. @param valueOf must not throw */
  bind<T, V>(channelOf: TypedChannel<T>, storage: AsyncLocalStorage<V>, valueOf: (event: T) => V): void {
    channel(channelOf.name).bindStore(storage, valueOf as (event: unknown) => V);
    this.#undo.push(() => channel(channelOf.name).unbindStore(storage));
  }

  /** Adds what is undone with the subscriptions. */
  addUndo(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Ends the subscriptions. */
  end(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}
