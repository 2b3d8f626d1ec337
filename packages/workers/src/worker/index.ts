/// <reference types="node" preserve="true" />
// The running side of a third-party executor. It loads what a worker needs and nothing of the main side,
// which is `@offloop/workers/pool`.
export { serveCalls } from "../entry/serve-calls.js";
export type { CallServer } from "../entry/serve-calls.js";
export type { ServeOptions, WorkerLine } from "../entry/run-calls.js";
export { resolveFunction } from "../function/arriving/resolve-function.js";
export type { ResolvedFunction } from "../function/arriving/resolve-function.js";
export { enterContext } from "../executor/propagate.js";
export type { ContextValues } from "../executor/propagate.js";
export { addWayBack } from "../executor/from-thread.js";
export type { WayBack } from "../executor/from-thread.js";
export { decode, encode } from "../frames/encode.js";
export { MessageSocket } from "../frames/message-socket.js";
export { diagnoseClone } from "../protocol/clone-diagnosis.js";
export type { Destination } from "../protocol/object-kinds.js";
export { packThrown, unpackThrown } from "../protocol/parcel.js";
export type { Contents } from "../protocol/parcel.js";
export type { FunctionPayload } from "../protocol/function-payload.js";
export type { FromWorker, ToWorker } from "../protocol/messages.js";
export { Slots } from "../protocol/slots.js";
export type { CancelWords, SlotState } from "../protocol/slots.js";
export { arriving, leaving, modulesBelow } from "../protocol/travel-rules.js";
export type { TravelRules } from "../protocol/travel-rules.js";
