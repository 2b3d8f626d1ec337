// How the worker makes the actor's object. Written by actor/spawn-actor.ts, read by actor-worker.ts.
import type { LocatedFunction } from "../protocol/function-payload.js";
import type { Proxied } from "../remote/remote-types.js";

/**
 * A module, whose exports are the actor; a class that is found by reference; or a function that
 * makes an instance, which takes the class along by value.
 */
export type Blueprint = { readonly kind: "module"; readonly url: string } | { readonly kind: "class" | "maker"; readonly located: LocatedFunction };

/** What a worker exposes on the channel that both sides know. */
export interface Opener {
  /** Loads the module or the class. */
  load(blueprint: Blueprint, workerId: number): Promise<void>;
  /** Makes the object, when `load` is done: the two are asked for at once. */
  construct(...args: unknown[]): Promise<Proxied<object>>;
  /** Disposes of the object, if it says how. */
  close(): Promise<void>;
}

/** The channel of the opener. */
export const OPENER_CHANNEL = 0;
