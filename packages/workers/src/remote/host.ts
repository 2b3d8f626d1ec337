// An object that is exposed to the other side: finds the member that is called, runs it and packs the outcome. The outcome
// of a synchronous method is known at once.
import { isThenable } from "../executor/callee.js";
import { type ContextValues, enterContext } from "../executor/propagate.js";
import { now } from "../executor/real-time.js";
import { packThrown } from "../protocol/parcel.js";
import { toShared } from "../protocol/slots.js";
import type { Packing } from "./packing.js";
import { proxy } from "./proxy.js";
import type { CallRequest, Outcome } from "./values.js";
import type { Answerer, CalledMember } from "./wire.js";

type Members = Record<string, unknown>;

/** A call that is run: a request, or a short call, which has no more than this. */
export type RunRequest = Pick<CallRequest, "how" | "path" | "name"> & Partial<CallRequest>;

/** Runs a call in its context. @returns what `run` returns */
export type Runner = (request: RunRequest, signal: AbortSignal | undefined, run: () => unknown) => unknown;

/** Runs calls on `target`. */
export class Host implements Answerer {
  readonly #target: object;
  readonly #connection: Packing;
  readonly #run: Runner;
  readonly #released: (() => void) | undefined;

  /** @param released runs when the other side no longer needs the object */
  constructor(target: object, connection: Packing, run: Runner, released?: () => void) {
    this.#target = target;
    this.#connection = connection;
    this.#run = run;
    this.#released = released;
  }

  get target(): object {
    return this.#target;
  }

  answer(request: CallRequest): Outcome | Promise<Outcome> {
    const received = this.#connection.receiveSignals();
    const forget = (): void => void (request.lasting !== true && received.forget());
    try {
      const signal = request.signal && received.signalOf(request.signal);
      const args = request.args.map((arg) => this.#connection.unpack(arg, request.name, received));
      const context = request.context && (this.#connection.unpack(request.context, request.name) as ContextValues);
      const outcome = this.#perform(request, args, signal, context);
      if ("kind" in outcome) forget();
      else void outcome.then(forget);
      return outcome;
    } catch (unreadable) {
      forget();
      return this.#thrown(unreadable);
    }
  }

  call(member: CalledMember, args: unknown[]): Outcome | Promise<Outcome> {
    return this.#perform(member, args, undefined, undefined);
  }

  released(): void {
    this.#released?.();
  }

  #perform(request: RunRequest, args: unknown[], signal: AbortSignal | undefined, context: ContextValues | undefined): Outcome | Promise<Outcome> {
    let begun: number | undefined;
    const timed = (outcome: Outcome): Outcome => {
      if (begun !== undefined) outcome.ran = { begunAt: toShared(begun), ms: now() - begun };
      return outcome;
    };
    const settle = async (value: PromiseLike<unknown>): Promise<Outcome> => {
      try {
        return timed(this.#connection.packOutcome(await value, request.name));
      } catch (thrown) {
        return timed(this.#thrown(thrown));
      }
    };
    try {
      // Packed where it ran: what it returns may stay here, and is called in that context.
      const run = (): Outcome | Promise<Outcome> => {
        if (request.timed === true) begun = now();
        const value = perform(this.#target, request, args, this.#connection.confines);
        return isThenable(value) ? settle(value) : timed(this.#connection.packOutcome(value, request.name));
      };
      return this.#run(request, signal, () => enterContext(context, run)) as Outcome | Promise<Outcome>;
    } catch (thrown) {
      return timed(this.#thrown(thrown));
    }
  }

  #thrown(thrown: unknown): Outcome {
    return { kind: "thrown", thrown: packThrown(thrown, this.#connection.to) };
  }
}

/** @param confined whether the caller reaches only members that belong to the target */
function perform(target: object, { how, path, name }: RunRequest, args: unknown[], confined: boolean): unknown {
  let holder: unknown;
  let value: unknown = target;
  for (const [depth, key] of path.entries()) {
    holder = value;
    if (holder === null || holder === undefined) throw new TypeError(`${name} cannot be reached: ${path.slice(0, depth).join(".")} is ${String(holder)}. Check the names on the path.`);
    if (confined && !isOfObject(holder, key)) throw new TypeError(`${name} cannot be reached: ${key} belongs to the platform, not to what was passed. Pass an object with a method of your own.`);
    value = (holder as Members)[key];
  }
  if (how === "get") {
    if (typeof value === "function") throw new TypeError(`${name} is a function, and stays in the actor. Call it instead of awaiting it.`);
    return value;
  }
  if (typeof value !== "function") throw new TypeError(`${name} is not a function${describeMembers(holder)}. Call one that exists.`);
  return how === "call" ? Reflect.apply(value, holder, args) : proxy(Reflect.construct(value, args) as object);
}

/**
 * Whether a member belongs to an object, and not to each object or function. By `callback.constructor` a worker would otherwise
 * get `Function`, and so run any code here.
 */
function isOfObject(holder: unknown, key: string): boolean {
  if (key === "constructor" || key === "__proto__") return false;
  let owner = Object(holder) as object | null;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner !== Object.prototype && owner !== Function.prototype;
}

/** Names the functions that exist, for an error message. */
function describeMembers(holder: unknown): string {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return "";
  const names = new Set<string>();
  for (let owner: object | null = holder; owner !== null && owner !== Object.prototype && owner !== Function.prototype; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === "function" && name !== "constructor") names.add(name);
    }
  }
  return names.size === 0 ? "" : `; there are ${[...names].join(", ")}`;
}
