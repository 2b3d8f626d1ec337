// What a peer and a host need of the connection that they belong to: how values are packed for the other
// side, how what arrives is unpacked, and how a call that waits for the other side is counted.
import type { Destination } from "../protocol/object-kinds.js";
import type { ReceivedSignals } from "./signals.js";
import type { Outcome, PackedSignal, PackedValue } from "./values.js";

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

export interface Packing {
  /** Where the other side is. */
  readonly to: Destination;
  /** @throws whatever refuses an argument */
  packArguments(args: readonly unknown[], signal: AbortSignal | undefined, lasting: boolean): PackedArguments;
  /** Packs the result of a call. */
  packOutcome(value: unknown, callName: string): Outcome;
  /** @throws CloneError where the value cannot be read here */
  unpack(packed: PackedValue, callName: string, signals?: ReceivedSignals): unknown;
  receiveSignals(): ReceivedSignals;
  /** Counts a call to the other side, and keeps `asked` from being collected. @returns a function to call when the call ends */
  began(asked: object): () => void;
  /** The error of a call whose other side has ended, or has released the target. */
  lossOf(callName: string): Error;
}
