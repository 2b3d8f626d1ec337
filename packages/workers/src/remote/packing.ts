// The part of a connection that its peers and hosts use: it packs values for the other side, unpacks values that
// arrive, and counts the calls that wait for the other side.
import type { ContextValues } from "../executor/propagate.js";
import type { Destination } from "../protocol/object-kinds.js";
import type { ReceivedSignals } from "./signals.js";
import type { Outcome, PackedSignal, PackedValue } from "./values.js";

/** The arguments of a call, packed for the other side. */
export interface PackedArguments {
  readonly packed: readonly PackedValue[];
  readonly transferred: readonly unknown[];
  readonly sentSignal: PackedSignal | undefined;
  /** The values of propagated storages, where there are any. */
  readonly context: PackedValue | undefined;
  /** Drops the signals of a call that has been answered. */
  forget(): void;
  /** Withdraws the objects that were exposed for a call that could not be sent. */
  withdraw(): void;
}

/** Packs and unpacks values of one connection. */
export interface Packing {
  /** The place of the other side: a thread of this process, or another process. */
  readonly to: Destination;
  /** Whether the other side is a worker: it reaches only members that belong to what it was passed. */
  readonly confines: boolean;
  /** @throws the error of the check or getter that refused an argument */
  packArguments(args: readonly unknown[], signal: AbortSignal | undefined, context: ContextValues | undefined, lasting: boolean): PackedArguments;
  /** Packs the result of a call. */
  packOutcome(value: unknown, callName: string): Outcome;
  /** @throws CloneError the value cannot be read here */
  unpack(packed: PackedValue, callName: string, signals?: ReceivedSignals): unknown;
  receiveSignals(): ReceivedSignals;
  /** Counts a call to the other side. */
  began(): void;
  /** The call has been answered. */
  ended(): void;
  /** The error of a call whose other side has ended, or has released the target. */
  lossOf(callName: string): Error;
}
