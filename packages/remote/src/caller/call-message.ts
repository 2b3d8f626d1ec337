// The message of calls to their host, and what cannot be one: options that mean nothing on another host, and too many bytes.
import { InvalidOptionError } from "@offloop/workers/executor";
import type { Call, FunctionReference, ResolvedCallOptions } from "@offloop/workers/pool";
import { pack, RemoteMessageError } from "../messages/codec.js";
import type { JobMessage, SharedPart } from "../messages/messages.js";
import type { Transport } from "../transport/transport.js";

/** Priorities that every engine can keep. */
const MOST_PRIORITY = 1_000_000;

/** Why a call with these options is refused. */
export function refusalOf({ transfer, priority }: ResolvedCallOptions): InvalidOptionError | undefined {
  if (transfer !== undefined && transfer.length > 0) return new InvalidOptionError("transfer", "`transfer` moves objects between threads, and nothing can move to another host. Leave the option out: the values are copied.");
  if (Number.isInteger(priority) && Math.abs(priority) <= MOST_PRIORITY) return undefined;
  return new InvalidOptionError("priority", `priority of a call to another host takes a whole number from -${MOST_PRIORITY} to ${MOST_PRIORITY}; got ${priority}.`);
}

/** What calls like this one have in common. @param caller the id of the inbox that receives the answers */
function sharedPart({ name, items, stream, options, profile }: Call, caller: string): SharedPart {
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

/**
 * The message of calls that differ in their arguments and contexts alone.
 * @param caller the id of the inbox that receives the answers
 * @throws CloneError an argument cannot be copied; it names the argument if there is one call
 */
export function messageOf(calls: readonly Call[], key: string, caller: string): JobMessage {
  const [first] = calls as [Call];
  const { name } = first;
  const contextOf = ({ propagated }: Call): Buffer | undefined => propagated && pack(propagated, "context", name, "the worker");
  return {
    ...sharedPart(first, caller),
    key,
    count: calls.length,
    packed: calls.length === 1 ? pack(first.args, "args", name, "the worker") : pack(calls.map(({ args }) => args), "calls", name, "the worker"),
    contexts: calls.some(({ propagated }) => propagated !== undefined) ? calls.map(contextOf) : undefined,
  };
}

/** @returns `body` @throws RemoteMessageError the transport does not carry so many bytes */
export function bounded(call: Call, body: Buffer, { name, maxBytes }: Transport): Buffer {
  if (body.length <= maxBytes) return body;
  throw new RemoteMessageError(`The arguments of ${call.name} take ${body.length} bytes, and the transport ${name} carries ${maxBytes} at most (maxBytes). Send them in parts, or raise the limit of the transport.`);
}
