// Actors: objects with state in a thread or process of their own. From above:
//   spawn-actor   what it is made from      actor-life    its worker, restarts, its end
//   actor-thread  actor-process             the main side of its worker
// What both sides share is in remote/, what the worker runs in entry/actor-*.ts.
export type { ActorOptions } from "./actor-options.js";
export { proxy } from "../remote/proxy.js";
export { withSignal } from "../remote/remote.js";
export type { Actor, ActorHandle, Proxied, Remote, RemoteIterable } from "../remote/remote-types.js";
export { spawnActor } from "./spawn-actor.js";
export type { SpawnActor } from "./spawn-actor.js";
