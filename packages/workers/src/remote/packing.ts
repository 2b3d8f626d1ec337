// What a peer and a host need of the connection that they belong to: how values are packed for the other
// side, how what arrives is unpacked, and how a call that waits for the other side is counted.
import type { ReceivedSignals } from "./signals.js";
import type { Outcome, PackedSignal, PackedValue } from "./values.js";

export interface PackedArguments {
  readonly packed: readonly PackedValue[];
  readonly transferred: readonly unknown[];
  readonly sentSignal: PackedSignal | undefined;
  /** Forgets the signals of a call that has been answered. */
  forget(): void;
  /** Conceals what was exposed for a call that could not be sent. */
  withdraw(): void;
}

export interface Packing {
  packArguments(args: readonly unknown[], signal: AbortSignal | undefined, lasting: boolean): PackedArguments;
  /** How a call's result is answered. */
  packOutcome(value: unknown, callName: string): Outcome;
  unpack(packed: PackedValue, signals?: ReceivedSignals): unknown;
  receiveSignals(): ReceivedSignals;
  /** Counts a call to the other side, and keeps `asked` from being collected. @returns is to be called when the call ends */
  began(asked: object): () => void;
  /** The error of a call whose other side has ended, or has released what was called. */
  lossOf(callName: string): Error;
}
