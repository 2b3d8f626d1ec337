// The message of a call to its host, and what cannot be one: options that mean nothing on another host, and too many bytes.
import { InvalidOptionError } from "@offloop/workers/executor";
import type { Call, FunctionReference, ResolvedCallOptions } from "@offloop/workers/pool";
import { pack, RemoteMessageError } from "../messages/codec.js";
import type { CallMessage } from "../messages/messages.js";
import type { Transport } from "../transport/transport.js";

/** Priorities that every engine can keep. */
const MOST_PRIORITY = 1_000_000;

/** Why a call with these options is refused. */
export function refusalOf({ transfer, priority }: ResolvedCallOptions): InvalidOptionError | undefined {
  if (transfer !== undefined && transfer.length > 0) return new InvalidOptionError("transfer", "`transfer` moves objects between threads, and nothing can move to another host. Leave the option out: the values are copied.");
  if (Number.isInteger(priority) && Math.abs(priority) <= MOST_PRIORITY) return undefined;
  return new InvalidOptionError("priority", `priority of a call to another host takes a whole number from -${MOST_PRIORITY} to ${MOST_PRIORITY}; got ${priority}.`);
}

/** A call with the bytes that it has alone. */
export interface PackedCall {
  readonly call: Call;
  /** Its arguments. */
  readonly packed: Buffer;
  readonly context: Buffer | undefined;
}

/** @throws CloneError an argument cannot be copied */
export function packedCall(call: Call): PackedCall {
  const { args, name, propagated } = call;
  return { call, packed: pack(args, "args", name, "the worker"), context: propagated && pack(propagated, "context", name, "the worker") };
}

/** The part of the message that calls of one function with the same options have in common. @param caller the id of the inbox that receives the answers */
export function sharedPart({ name, items, stream, options, profile }: Call, caller: string): Omit<CallMessage, "key" | "packed" | "context"> {
  return {
    caller,
    fn: profile!.payload as FunctionReference,
    kind: stream !== undefined ? "stream" : items !== undefined ? "chunk" : "call",
    name,
    queueTimeoutMs: options.queueTimeoutMs,
    runTimeoutMs: options.runTimeoutMs,
    graceMs: options.graceMs,
    terminate: options.onCancel === "terminate",
    progress: options.onProgress !== undefined,
  };
}

/** The message without its key. @throws CloneError an argument cannot be copied */
export function messageOf(call: Call, caller: string): Omit<CallMessage, "key"> {
  const { packed, context } = packedCall(call);
  return { ...sharedPart(call, caller), packed, context };
}

/** @returns `body` @throws RemoteMessageError the transport does not carry so many bytes */
export function bounded(call: Call, body: Buffer, { name, maxBytes }: Transport): Buffer {
  if (body.length <= maxBytes) return body;
  throw new RemoteMessageError(`The arguments of ${call.name} take ${body.length} bytes, and the transport ${name} carries ${maxBytes} at most (maxBytes). Send them in parts, or raise the limit of the transport.`);
}
