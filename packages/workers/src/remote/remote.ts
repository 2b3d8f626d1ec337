// The remote object that users hold. It turns each operation into a request to its target.
import { inspect } from "node:util";
import { abortSignal, invalidArgument, invalidOption } from "../executor/check-options.js";
import { cancellable } from "../executor/call-future.js";
import { mainHost } from "../executor/main-host.js";
import { RemoteCall } from "./remote-call.js";
import type { Callee, RequestOptions } from "./callee.js";
import type { ActorHandle, Remote } from "./remote-types.js";

interface Standing {
  readonly callee: Callee;
  readonly path: readonly string[];
}

const standings = new WeakMap<object, Standing>();

/** Methods of a promise, because a property is one; and of a function, because a method is one. */
const ofPromises = new Set(["then", "catch", "finally"]);
const ofFunctions = new Set(["call", "apply", "bind"]);

/** Creates the remote object of a target. */
export function createRemote(callee: Callee, options: RequestOptions = {}, path: readonly string[] = []): object {
  // A function declared with `function`, so that it can be called and constructed. Printing the proxy prints its target.
  const target = Object.assign(function remote() {}, { [inspect.custom]: () => `[Remote ${path.join(".") || "object"}]` });
  const ask = (how: "call" | "construct", args: unknown[], above: Function): RemoteCall<unknown> => {
    if (!mainHost().inTask()) return RemoteCall.from(callee.request(how, path, args, { ...options, above }));
    const abort = new AbortController();
    const signal = options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
    return RemoteCall.ofTask(cancellable(path.join("."), callee.request(how, path, args, { ...options, signal, above }), (reason) => abort.abort(reason)));
  };
  const remote: object = new Proxy(target, {
    get(_target, key) {
      if (typeof key === "symbol") return path.length === 0 ? handle(callee, key) : undefined;
      if (key === "toJSON") return undefined;
      if (path.length === 0) return key === "then" ? undefined : createRemote(callee, options, [key]);
      if (ofPromises.has(key)) return (...args: unknown[]) => ofPromise(callee.request("get", path, [], options), key, args);
      if (ofFunctions.has(key)) return Function.prototype[key as "call"].bind((...args: unknown[]) => ask("call", args, createRemote));
      return createRemote(callee, options, [...path, key]);
    },
    apply: function apply(_target, _this, args: unknown[]) {
      return ask("call", args, apply);
    },
    construct: function construct(_target, args: unknown[]) {
      return ask("construct", args, construct);
    },
    set(_target, key) {
      throw new TypeError(`${String(key)} cannot be set from here, because an assignment cannot be awaited. Give the actor a method that sets it.`);
    },
    deleteProperty: (_target, key) => {
      throw new TypeError(`${String(key)} cannot be deleted from here. Give the actor a method that does it.`);
    },
    getPrototypeOf: () => Function.prototype,
  });
  standings.set(remote, { callee, path });
  return remote;
}

/** The target of a remote object; `undefined` for a member of another remote object. */
export function peerOf(value: unknown): Callee | undefined {
  const standing = typeof value === "function" ? standings.get(value) : undefined;
  return standing?.path.length === 0 ? standing.callee : undefined;
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
  return createRemote(standing.callee, { signal }, standing.path) as T;
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
