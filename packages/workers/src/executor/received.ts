// The type of a result after it has been copied to the caller. Types only.
import type { Blob } from "node:buffer";
import type { KeyObject, webcrypto, X509Certificate } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { BlockList, SocketAddress } from "node:net";
import type { ReadableStream, TransformStream, WritableStream } from "node:stream/web";
import type { MessagePort } from "node:worker_threads";

type AnyFunction = (...args: never[]) => unknown;
type AnyClass = abstract new (...args: never[]) => unknown;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Objects of the language and of the platform that arrive with their class and methods. */
type Kept =
  | ArrayBufferLike
  | ArrayBufferView
  | Blob
  | BlockList
  | Date
  | Error
  | FileHandle
  | KeyObject
  | MessagePort
  | ReadableStream
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | SocketAddress
  | TransformStream
  | WritableStream
  | X509Certificate
  | webcrypto.CryptoKey;

/**
 * Refuses a function whose result is a function or a class. The compiler prints the text as the reason.
 *
 * A generic wrapper compiles: the compiler substitutes `any` for `R` to find out whether the first branch is
 * possible, and `IsFunction<any>` is false.
 */
export type ReturnsData<R> = IsFunction<Awaited<R>> extends true ? "A function cannot be copied to the caller: return data, or let an actor return proxy(fn)" : unknown;

type IsFunction<R> =
  { any: 0 } extends { any: 1 & R } ? false
  : { never: R } extends { never: never } ? false
  : { value: R } extends { value: AnyFunction | AnyClass } ? true
  : false;

/** The type of a function as it arrives, where a function may return one beside data. The compiler prints this name in the error for code that uses it. */
export interface FunctionsDoNotArrive {
  /** A worker cannot return a function: the call rejects with `CloneError`. Return data, or let an actor return `proxy(fn)`. */
  readonly "a worker cannot return a function": never;
}

/** An instance of a class as it arrives: its properties, without the methods of its class. */
export type DataWithoutMethods<T> = { [K in keyof T as IsMethod<T[K]> extends true ? never : K]: T[K] };

type IsMethod<V> = IsAny<V> extends true ? false : [V] extends [never] ? false : [V] extends [AnyFunction] ? true : false;
type HasMethods<T> = true extends { [K in keyof T]-?: IsMethod<T[K]> }[keyof T] ? true : false;

/**
 * A result as it arrives from a worker. Data keeps its type. An instance of a class arrives as its properties. A
 * function cannot be returned. The properties of objects are not examined.
 */
export type Received<T> =
  IsAny<T> extends true ? any
  : T extends Kept ? T
  : T extends AnyFunction | AnyClass ? FunctionsDoNotArrive
  : T extends readonly unknown[] ? { [I in keyof T]: Received<T[I]> }
  : T extends object ? (HasMethods<T> extends true ? DataWithoutMethods<T> : T)
  : T;
