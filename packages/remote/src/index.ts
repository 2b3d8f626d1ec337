/// <reference types="node" preserve="true" />
// Calls on other hosts. RemoteExecutor makes calls, a Host runs them, and a Transport carries them.
export { createExecutor } from "./caller/create-executor.js";
export type { CreateExecutorOptions } from "./caller/create-executor.js";
export { RemoteExecutor } from "./caller/remote-executor.js";
export type { RemoteExecutorOptions } from "./caller/remote-executor.js";
export { Host, startHost } from "./host/host.js";
export type { HostOptions } from "./host/host.js";
export { RemoteMessageError } from "./messages/codec.js";
export type { RemoteOptions, SharedOptions } from "./options/remote-options.js";
export type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving, Transport } from "./transport/transport.js";
export type * from "@offloop/workers/executor";
export type { BaseExecutor, OutputLine, PoolOptions } from "@offloop/workers/pool";
