// The remote form of a type, as another thread or process sees it. Types only.
import type { Received } from "../executor/received.js";

declare const markedByProxy: unique symbol;
declare const remoteOf: unique symbol;

/** The mark that `proxy()` puts on a value. The compiler prints this name in the error for an unmarked callback. */
export interface MarkedByProxy {
  /** For the compiler alone. There is no such property. */
  readonly [markedByProxy]: true;
}

/** A value marked by `proxy()`: it stays on its side, and the other side receives its remote form. */
export type Proxied<T> = T & MarkedByProxy;

// `never` for parameters and `unknown` for results: every function is assignable to this type.
type AnyFunction = (...args: never[]) => unknown;
type AnyClass = abstract new (...args: never[]) => unknown;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Objects that cross as copies, although they have methods. */
type Data =
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | Date
  | RegExp
  | Error
  | Promise<unknown>
  | ArrayBufferLike
  | ArrayBufferView;

/**
 * An object in another thread or process, as this side uses it. Methods are asynchronous, properties are promises,
 * and objects with methods are remote too. Classes are constructed with `await new`. Properties cannot be set, and
 * members named by symbols cannot be reached.
 */
export type Remote<T> = (T extends AnyFunction ? RemoteFunction<T> : unknown) & RemoteMembers<T> & RemoteHandle<T>;

/**
 * The disposal of a remote object, which tells the other side that the object is no longer needed. Calls in flight are
 * answered before that. Without it, garbage collection does so later.
 */
export interface RemoteHandle<T> {
  /** For the compiler alone: the type of the object. There is no such property. */
  readonly [remoteOf]: T;
  /** Releases the object, for `using`. Calls in flight are answered first, and a later call rejects. */
  [Symbol.dispose](): void;
}

/** The members of a remote object. `then` is left out: the object itself must not look like a promise. */
export type RemoteMembers<T> = { readonly [K in keyof T as K extends "then" | symbol ? never : K]-?: RemoteMember<T[K]> };

/** A member by its kind. The remote form has optional members too: the call of a missing member rejects. */
export type RemoteMember<V> =
  IsAny<V> extends true ? any
  : [NonNullable<V>] extends [never] ? Promise<V>
  : RemoteMemberOf<NonNullable<V>, V>;

type RemoteMemberOf<M, V> =
  M extends AnyFunction ? RemoteFunction<M>
  : M extends AnyClass ? RemoteClass<M>
  : M extends Data ? Promise<Awaited<V>>
  : M extends object ? (HasMethods<M> extends true ? RemoteMembers<M> : Promise<V>)
  : Promise<V>;

type HasMethods<T> = true extends { [K in keyof T]-?: T[K] extends AnyFunction ? true : never }[keyof T] ? true : false;

/** A function seen from the other side. Of an overloaded function TypeScript uses the last signature. */
export type RemoteFunction<F extends AnyFunction> = F extends (...args: infer A) => infer R ? (...args: RemoteArguments<A>) => RemoteResult<R> : never;

/** A class seen from the other side: the instance stays there. */
export type RemoteClass<C extends AnyClass> = C extends abstract new (...args: infer A) => infer I ? new (...args: RemoteArguments<A>) => Promise<Remote<I>> : never;

/** Arguments as the caller passes them: functions marked by `proxy()`, everything else unchanged. */
export type RemoteArguments<A extends readonly unknown[]> = { [K in keyof A]: RemoteArgument<A[K]> };

type RemoteArgument<P> =
  IsAny<P> extends true ? any
  : P extends { readonly [remoteOf]: infer T } ? P | Proxied<T & object>
  : P extends (...args: infer A) => infer R ? Proxied<(...args: A) => Answered<R>>
  : P;

/** The type that a callback may return: a value or a promise of one. If the result is `void`, it may return anything. */
type Answered<R> = [void] extends [Awaited<R>] ? unknown : R | Awaited<R> | Promise<Awaited<R>>;

/** A result as it arrives: iterators and streams as async iterables, marked objects in their remote form, everything else copied. */
export type RemoteResult<R> = Awaited<R> extends infer V ? RemoteValue<V> : never;

type RemoteValue<V> =
  IsAny<V> extends true ? Promise<any>
  : [V] extends [Proxied<infer T>] ? Promise<Remote<T>>
  : [V] extends [AsyncIterator<infer Y, infer R, any> | Iterator<infer Y, infer R, any>] ? RemoteIterable<Y, R>
  : [V] extends [AsyncIterable<infer Y>] ? RemoteIterable<Y>
  : Promise<Received<V>>;

/** A remote iterator: it can be iterated at once, or awaited first. */
export type RemoteIterable<Y, R = unknown> = Promise<AsyncIterator<Y, R> & AsyncIterable<Y>> & AsyncIterable<Y>;

/** An actor: the remote form of its object or module. `await using` or `actor[Symbol.asyncDispose]()` ends it. */
export type Actor<T> = RemoteMembers<T> & ActorHandle<T>;

/** The disposal of an actor, which ends it; see `closeActor`. */
export interface ActorHandle<T> {
  /** For the compiler alone: the type of the object. There is no such property. */
  readonly [remoteOf]: T;
  /** Ends the actor as `closeActor` does: calls that are in flight are answered first. */
  [Symbol.asyncDispose](): Promise<void>;
}
