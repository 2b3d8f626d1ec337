// The form of a value in a message: a copy, or a reference to an object that stays on its side. Arguments and results
// have the same form in both directions. connection.ts writes and reads it.
import type { Contents, Parcel } from "../protocol/parcel.js";

/** A value in a message. */
export type PackedValue =
  /** A copy. `buffers` are its Buffers, which structured clone turns into Uint8Arrays. */
  | { readonly kind: "raw"; readonly value: unknown; readonly buffers?: Uint8Array[] }
  | { readonly kind: "parcel"; readonly parcel: Parcel }
  /** An object that stays with the sender, and can be reached through the endpoint. */
  | { readonly kind: "remote"; readonly endpoint: number; readonly name: string }
  /** An iterator that stays with the sender. Each value is requested through the endpoint. */
  | { readonly kind: "iterator"; readonly endpoint: number }
  /** An object of the receiver, which has exposed it on this endpoint. */
  | { readonly kind: "original"; readonly endpoint: number }
  | PackedSignal;

/** An `AbortSignal`: the sender reports when it fires. */
export interface PackedSignal {
  readonly kind: "signal";
  readonly id: number;
  /** Not zero when the signal has fired. For synchronous code, if the sides share memory. */
  readonly flag?: Int32Array;
  /** The reason of a signal that has fired already. */
  readonly reason?: Contents;
}

/** A request for a call. */
export interface CallRequest {
  readonly how: "call" | "construct" | "get";
  /** The property path from the exposed object. */
  readonly path: readonly string[];
  readonly args: readonly PackedValue[];
  /** The name of the call in errors. */
  readonly name: string;
  /** The signals among the arguments outlive the call. */
  readonly lasting?: boolean;
  /** The outcome is to have the time for which it ran. */
  readonly timed?: true;
  /** Cancels the call. */
  readonly signal?: PackedSignal;
  /** The values of propagated storages. */
  readonly context?: PackedValue;
}

/** The run of a call that was to be measured. */
export interface Ran {
  /** When it began, on the clock of `toShared`. */
  readonly begunAt: number;
  readonly ms: number;
}

/** The outcome of a call. */
export type Outcome = ({ readonly kind: "value"; readonly value: PackedValue } | { readonly kind: "thrown"; readonly thrown: Contents }) & { ran?: Ran };

/** The end of a request that the other side has not answered: it has ended, or has released the object. */
export interface NoAnswer {
  readonly kind: "lost";
}

/** The iterator of a generator, an iterator or a stream; `undefined`: `value` is none of them, and is copied. */
export function asIterator(value: unknown): Iterator<unknown> | AsyncIterator<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous, next } = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (typeof asynchronous === "function") return asynchronous.call(value);
  if (typeof synchronous === "function" && typeof next === "function") return synchronous.call(value);
  return undefined;
}
