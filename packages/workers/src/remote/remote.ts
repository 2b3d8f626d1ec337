// The remote object that users hold. It turns each operation into a request to its target.
import { inspect } from "node:util";
import { abortSignal, invalidArgument, invalidOption } from "../executor/check-options.js";
import { cancellable } from "../executor/call-future.js";
import { mainHost } from "../executor/main-host.js";
import { Member } from "./member.js";
import { RemoteCall } from "./remote-call.js";
import type { Callee, RequestOptions } from "./callee.js";
import type { ActorHandle, Remote } from "./remote-types.js";

interface Standing {
  readonly callee: Callee;
  readonly member: Member;
}

const standings = new WeakMap<object, Standing>();

/** The number of members of a remote object that are kept. Each is an object, and a program may read any number of names. */
const MOST_MEMBERS = 256;

/** Methods of a promise, because a property is one; and of a function, because a method is one. */
const ofPromises = new Set(["then", "catch", "finally"]);
const ofFunctions = new Set(["call", "apply", "bind"]);

/** Creates the remote object of a target. */
export function createRemote(callee: Callee, options: RequestOptions = {}, member = new Member()): object {
  // A function declared with `function`, so that it can be called and constructed. Printing the proxy prints its target.
  const target = Object.assign(function remote() {}, { [inspect.custom]: () => `[Remote ${member.path.join(".") || "object"}]` });
  const remote: object = new Proxy(target, new RemoteHandler(callee, options, member));
  standings.set(remote, { callee, member });
  return remote;
}

class RemoteHandler implements ProxyHandler<() => void> {
  readonly #callee: Callee;
  readonly #options: RequestOptions;
  readonly #member: Member;
  readonly #members = new Map<string, object>();
  /** The options of a call that is written as one. */
  readonly #ofCall: RequestOptions;

  constructor(callee: Callee, options: RequestOptions, member: Member) {
    this.#callee = callee;
    this.#options = options;
    this.#member = member;
    this.#ofCall = { ...options, above: this.apply };
  }

  get(_target: unknown, key: string | symbol): unknown {
    const isObject = this.#member.path.length === 0;
    if (typeof key === "symbol") return isObject ? handle(this.#callee, key) : undefined;
    if (key === "toJSON" || (isObject && key === "then")) return undefined;
    if (!isObject && ofPromises.has(key)) return (...args: unknown[]) => ofPromise(this.#callee.request("get", this.#member, [], this.#options), key, args);
    if (!isObject && ofFunctions.has(key)) return Function.prototype[key as "call"].bind((...args: unknown[]) => this.#ask("call", args, { ...this.#options, above: this.get }));
    return this.#members.get(key) ?? this.#create(key);
  }

  apply(_target: unknown, _this: unknown, args: unknown[]): RemoteCall<unknown> {
    return this.#ask("call", args, this.#ofCall);
  }

  construct(_target: unknown, args: unknown[]): RemoteCall<unknown> {
    return this.#ask("construct", args, { ...this.#options, above: this.construct });
  }

  set(_target: unknown, key: string | symbol): never {
    throw new TypeError(`${String(key)} cannot be set from here, because an assignment cannot be awaited. Give the actor a method that sets it.`);
  }

  deleteProperty(_target: unknown, key: string | symbol): never {
    throw new TypeError(`${String(key)} cannot be deleted from here. Give the actor a method that does it.`);
  }

  getPrototypeOf(): object {
    return Function.prototype;
  }

  #create(key: string): object {
    const created = createRemote(this.#callee, this.#options, new Member(...this.#member.path, key));
    if (this.#members.size === MOST_MEMBERS) this.#members.clear();
    this.#members.set(key, created);
    return created;
  }

  #ask(how: "call" | "construct", args: unknown[], options: RequestOptions): RemoteCall<unknown> {
    if (!mainHost().inTask()) return this.#callee.request(how, this.#member, args, options);
    const abort = new AbortController();
    const signal = options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
    const answer = this.#callee.request(how, this.#member, args, { ...options, signal });
    return RemoteCall.ofTask(cancellable(this.#member.path.join("."), answer, (reason) => abort.abort(reason)));
  }
}

/** The target of a remote object; `undefined` for a member of another remote object. */
export function peerOf(value: unknown): Callee | undefined {
  const standing = typeof value === "function" ? standings.get(value) : undefined;
  return standing?.member.path.length === 0 ? standing.callee : undefined;
}

/**
 * The same actor or remote object; `signal` cancels each of its calls.
 *
 * When the signal fires, the calls in flight reject at once with `CancelledError`, whose cause is the
 * signal's reason. Their methods see it as `taskContext().signal`, and in synchronous code on a thread as
 * `taskContext().cancelled`. The methods decide how they react; the actor continues.
 * @throws InvalidArgumentError if `remote` is not a remote object; InvalidOptionError if `signal` is not an `AbortSignal`
 * @example
 * const rows = await withSignal(db, AbortSignal.timeout(500)).search("loop");
 */
export function withSignal<T extends ActorHandle<any> | Remote<any>>(remote: T, signal: AbortSignal): T {
  const standing = typeof remote === "function" ? standings.get(remote) : undefined;
  if (standing === undefined) throw invalidArgument("withSignal()", "an actor, or a remote object that an actor gave", remote);
  if (!(signal instanceof AbortSignal)) throw invalidOption("withSignal()", "signal", signal, abortSignal.takes);
  return createRemote(standing.callee, { signal }, standing.member) as T;
}

/**
 * Ends an actor, as `await using` does: waits for the calls in flight, runs the object's
 * `Symbol.asyncDispose` or `Symbol.dispose`, and ends the worker. Further calls change nothing.
 * @returns when the worker has ended
 * @throws (by rejection) InvalidArgumentError `actor` is no actor
 * @example
 * const store = await spawnActor(Store, "app.db");
 * try { await store.insert(rows); } finally { await closeActor(store); }
 */
export async function closeActor(actor: ActorHandle<any>): Promise<void> {
  const callee = peerOf(actor);
  if (callee?.dispose === undefined) throw invalidArgument("closeActor()", "an actor, as spawnActor() gives it", actor);
  await callee.dispose();
}

/** Members named by symbols are local: they dispose of the remote object. */
function handle(callee: Callee, key: symbol): unknown {
  if (key === Symbol.asyncDispose && callee.dispose !== undefined) return () => callee.dispose?.();
  if (key === Symbol.dispose && callee.dispose === undefined) return () => callee.release();
  return undefined;
}

function ofPromise(promise: Promise<unknown>, key: string, args: unknown[]): unknown {
  return Reflect.apply(promise[key as "then"], promise, args);
}
