// How a value stands in a message: copied, or as the name of something that stays where it is.
// Arguments and results alike, in both directions. Written and read by connection.ts.
import type { Envelope } from "../protocol/error-envelope.js";

/** A value in a message. */
export type PackedValue =
  | { readonly kind: "raw"; readonly value: unknown }
  /** Stays with the sender, behind a channel. */
  | { readonly kind: "remote"; readonly channel: number; readonly name: string }
  /** Stays with the sender, and is asked for its next value through a channel. */
  | { readonly kind: "iterator"; readonly channel: number }
  /** Comes home: the receiver has exposed it on this channel. */
  | { readonly kind: "original"; readonly channel: number }
  | PackedSignal;

/** An `AbortSignal`: the sender tells when it fires. */
export interface PackedSignal {
  readonly kind: "signal";
  readonly id: number;
  /** Not zero once it has fired: for synchronous code, where memory can be shared. */
  readonly flag?: Int32Array;
  /** It has fired already. */
  readonly reason?: Envelope;
}

/** A call as it is asked for. */
export interface CallRequest {
  readonly how: "call" | "construct" | "get";
  /** The property path from the exposed object. */
  readonly path: readonly string[];
  readonly args: readonly PackedValue[];
  /** What the call is called in errors. */
  readonly name: string;
  /** The signals among the arguments outlive the call. */
  readonly lasting?: boolean;
  /** Cancels the call. */
  readonly signal?: PackedSignal;
}

/** How a call ended. */
export type Outcome = { readonly kind: "value"; readonly value: PackedValue } | { readonly kind: "thrown"; readonly envelope: Envelope };

/** Whether `value` is to be read by asking for the next: a generator, an iterator, a stream. */
export function asIterator(value: unknown): Iterator<unknown> | AsyncIterator<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [Symbol.asyncIterator]: asynchronous, [Symbol.iterator]: synchronous, next } = value as Partial<AsyncIterable<unknown> & Iterable<unknown> & Iterator<unknown>>;
  if (typeof asynchronous === "function") return asynchronous.call(value);
  if (typeof synchronous === "function" && typeof next === "function") return synchronous.call(value);
  return undefined;
}
