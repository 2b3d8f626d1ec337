// What comlink exposes for one object: a single method, `answer`, which finds the member, runs it and packs
// the outcome. It never throws, because comlink's own error handling loses class, code and cause.
import { finalizer } from "./comlink.js";
import { type ContextValues, enterContext } from "../executor/propagate.js";
import { now } from "../executor/real-time.js";
import { packThrown } from "../protocol/parcel.js";
import { toShared } from "../protocol/slots.js";
import type { Packing } from "./packing.js";
import { proxy } from "./proxy.js";
import type { CallRequest, Outcome } from "./values.js";

type Members = Record<string, unknown>;
type Runner = (request: CallRequest, signal: AbortSignal | undefined, run: () => unknown) => unknown;

/** Runs calls on `target`. */
export class Host {
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

  async answer(request: CallRequest): Promise<Outcome> {
    const received = this.#connection.receiveSignals();
    let begun: number | undefined;
    const timed = (outcome: Outcome): Outcome => {
      if (begun !== undefined) outcome.ran = { begunAt: toShared(begun), ms: now() - begun };
      return outcome;
    };
    try {
      const signal = request.signal && received.signalOf(request.signal);
      const args = request.args.map((arg) => this.#connection.unpack(arg, request.name, received));
      const context = request.context && (this.#connection.unpack(request.context, request.name) as ContextValues);
      // Packed where it ran: what it returns may stay here, and is called in that context.
      const answer = async (): Promise<Outcome> => {
        if (request.timed === true) begun = now();
        return this.#connection.packOutcome(await perform(this.#target, request, args, this.#connection.confines), request.name);
      };
      return timed((await this.#run(request, signal, () => enterContext(context, answer))) as Outcome);
    } catch (thrown) {
      return timed({ kind: "thrown", thrown: packThrown(thrown, this.#connection.to) });
    } finally {
      if (request.lasting !== true) received.forget();
    }
  }

  [finalizer](): void {
    this.#released?.();
  }
}

/** @param confined whether the caller reaches only members that belong to the target */
function perform(target: object, { how, path, name }: CallRequest, args: unknown[], confined: boolean): unknown {
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
