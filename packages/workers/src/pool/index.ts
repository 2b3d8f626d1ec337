/// <reference types="node" preserve="true" />
// The calling side of a third-party executor. `@offloop/workers/worker` is the side that runs the calls.
// There are two ways to write an executor:
//
//   over a pool      extend PoolExecutor and write a WorkerKind, which starts workers and carries messages.
//                    PoolExecutor has the queue, limits, deadlines, cancellation, retries, streams, map,
//                    progress and events.
//   without a pool   extend BaseExecutor if something else gives calls to workers, such as a broker. The
//                    parts below are those that PoolExecutor uses: naming functions, context, errors, streams.

// Over a pool.
export { PoolExecutor } from "../dispatch/pool-executor.js";
export { resolvePoolOptions } from "../dispatch/pool-options.js";
export type { OutputLine, PoolOptions, ResolvedPoolOptions } from "../dispatch/pool-options.js";
export type { StartedWorker, WorkerLocation, WorkerKind, WorkerListener } from "../dispatch/worker-kind.js";
export { endWithParent } from "../dispatch/reaper.js";
export { STDERR_KEPT } from "../dispatch/lane.js";
export { Slots } from "../protocol/slots.js";
export type { CancelWords, SlotState } from "../protocol/slots.js";

// Without a pool.
export { BaseExecutor, callsOf } from "../executor/base-executor.js";
export type { ExecutorCalls } from "../executor/base-executor.js";
export { CallFuture } from "../executor/call-future.js";
export type { CallSettler, CallState, Cancellable } from "../executor/call-future.js";
export type { CallerContext } from "../executor/caller-context.js";
export type { CallTarget } from "../executor/callable.js";
export type { BackRequest, FarCaller } from "../executor/far-caller.js";
export { nameOfCallee } from "../executor/callee.js";
export { defaultCallOptions, resolveCallOptions } from "../executor/call-options.js";
export type { CallLimiter, CallOptions, OnCancel, ResolvedCallOptions } from "../executor/call-options.js";
export type { ChunkResult } from "../executor/map-calls.js";
export { captureContext, enterContext } from "../executor/propagate.js";
export type { ContextValues } from "../executor/propagate.js";
export { onAbort } from "../executor/signal-hub.js";
export { callBack } from "../executor/user-callback.js";
export { acquireRoom } from "../dispatch/acquire-room.js";
export { Call } from "../dispatch/call.js";
export type { CallCanceller, CallLane, CallOutcome, CallPhase, CallRun } from "../dispatch/call.js";
export { turnEnded } from "../executor/caller-stack.js";
export type { CallerStack } from "../executor/caller-stack.js";
export { BackCalls } from "../dispatch/back-calls.js";
export { CallBooks } from "../dispatch/call-books.js";
export { crashError } from "../dispatch/crash.js";
export { FunctionProfile } from "../dispatch/function-profile.js";
export { KeepAlive } from "../dispatch/keep-alive.js";
export { QueueRoom } from "../dispatch/queue-room.js";
export { realWorld } from "../dispatch/world.js";
export type { Timer, World } from "../dispatch/world.js";
export { packNumbers } from "../executor/run-chunk.js";
export { leadsToPlatform } from "../function/admitting/platform-path.js";
export { CallStream, STREAM_CREDITS } from "../dispatch/call-stream.js";
export type { StreamSource } from "../dispatch/call-stream.js";
export { locateFunction, referenceTarget } from "../function/leaving/locate-function.js";
export { delist } from "../executor/living.js";
export { channels } from "../executor/channels.js";
export type { CallTimes } from "../executor/channels.js";
export { DurationTotals } from "../executor/duration-totals.js";
export type { DurationStats } from "../executor/duration-totals.js";
export { diagnoseClone } from "../protocol/clone-diagnosis.js";

// Messages and values that cross, for both.
export { decode, encode } from "../frames/encode.js";
export { MessageSocket } from "../frames/message-socket.js";
export type { Destination } from "../protocol/object-kinds.js";
export { packThrown, parcelFor, unpack as unpackParcel, unpackThrown } from "../protocol/parcel.js";
export type { Besides, Contents, Parcel, Sealed } from "../protocol/parcel.js";
export type { Captures, FunctionPayload, FunctionProperty, FunctionReference, ModuleLoader, LocatedFunction } from "../protocol/function-payload.js";
export { PACKED, THROWN, VALUE } from "../protocol/messages.js";
export type { CallBack, CallExtras, FromWorker, OutcomeKind, ToWorker } from "../protocol/messages.js";
export { arriving, leaving, modulesBelow } from "../protocol/travel-rules.js";
export type { TravelRules } from "../protocol/travel-rules.js";
