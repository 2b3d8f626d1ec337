// How the worker creates the actor's object. actor/spawn-actor.ts writes it, actor-worker.ts reads it.
import type { LocatedFunction } from "../protocol/function-payload.js";
import type { Proxied } from "../remote/remote-types.js";

/**
 * A module, whose exports are the actor; a class that is located by reference; or a function that creates
 * an instance and has captured its class by value.
 */
export type Blueprint = { readonly kind: "module"; readonly url: string } | { readonly kind: "class" | "maker"; readonly located: LocatedFunction };

/** The object that a worker exposes on the endpoint whose id both sides know. */
export interface Opener {
  /** Loads the module or the class. */
  load(blueprint: Blueprint, workerId: number): Promise<void>;
  /** Creates the object after `load`. The main side requests both at once. */
  construct(...args: unknown[]): Promise<Proxied<object>>;
  /** Disposes of the object, if it has a dispose method. */
  close(): Promise<void>;
}

/** The id of the opener's endpoint. */
export const OPENER_ENDPOINT = 0;
