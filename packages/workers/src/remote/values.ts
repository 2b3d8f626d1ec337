// How a value is represented in a message: copied, or as a reference to something that stays on its side.
// Used for arguments and results, in both directions. connection.ts writes and reads it.
import type { Envelope } from "../protocol/error-envelope.js";

/** A value in a message. */
export type PackedValue =
  | { readonly kind: "raw"; readonly value: unknown }
  /** Stays on the sender's side, behind a channel. */
  | { readonly kind: "remote"; readonly channel: number; readonly name: string }
  /** Stays on the sender's side; each next value is requested through a channel. */
  | { readonly kind: "iterator"; readonly channel: number }
  /** Returns to its own side: the receiver has exposed it on this channel. */
  | { readonly kind: "original"; readonly channel: number }
  | PackedSignal;

/** An `AbortSignal`: the sender reports when it fires. */
export interface PackedSignal {
  readonly kind: "signal";
  readonly id: number;
  /** Not zero once the signal has fired: for synchronous code, if memory can be shared. */
  readonly flag?: Int32Array;
  /** Whether the signal has fired already. */
  readonly reason?: Envelope;
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
}

/** How a call ended. */
export type Outcome = { readonly kind: "value"; readonly value: PackedValue } | { readonly kind: "thrown"; readonly envelope: Envelope };

/** Returns `value` as an iterator if it is read one value at a time: a generator, an iterator, a stream. */
export function asIterator(value: unknown): Iterator<unknown> | AsyncIterator<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous, next } = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (typeof asynchronous === "function") return asynchronous.call(value);
  if (typeof synchronous === "function" && typeof next === "function") return synchronous.call(value);
  return undefined;
}
