// How a value stands in a message: copied, or as the name of something that stays where it is.
// Arguments and results alike, in both directions. Written and read by connection.ts.
import type { Contents, Parcel } from "../protocol/parcel.js";

/** A value in a message. */
export type PackedValue =
  /** `buffers` are those in it that structured clone makes Uint8Arrays of. */
  | { readonly kind: "raw"; readonly value: unknown; readonly buffers?: Uint8Array[] }
  | { readonly kind: "parcel"; readonly parcel: Parcel }
  /** Stays with the sender, behind an endpoint. */
  | { readonly kind: "remote"; readonly endpoint: number; readonly name: string }
  /** Stays on the sender's side; each next value is requested through an endpoint. */
  | { readonly kind: "iterator"; readonly endpoint: number }
  /** Returns to its own side: the receiver has exposed it on this endpoint. */
  | { readonly kind: "original"; readonly endpoint: number }
  | PackedSignal;

/** An `AbortSignal`: the sender reports when it fires. */
export interface PackedSignal {
  readonly kind: "signal";
  readonly id: number;
  /** Not zero once the signal has fired: for synchronous code, if memory can be shared. */
  readonly flag?: Int32Array;
  /** It has fired already. */
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
  /** Cancels the call. */
  readonly signal?: PackedSignal;
  /** The values of propagated storages. */
  readonly context?: PackedValue;
}

/** How a call ended. */
export type Outcome = { readonly kind: "value"; readonly value: PackedValue } | { readonly kind: "thrown"; readonly thrown: Contents };

/** Returns `value` as an iterator if it is read one value at a time: a generator, an iterator, a stream. */
export function asIterator(value: unknown): Iterator<unknown> | AsyncIterator<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous, next } = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (typeof asynchronous === "function") return asynchronous.call(value);
  if (typeof synchronous === "function" && typeof next === "function") return synchronous.call(value);
  return undefined;
}
