// Actors: objects with state in their own thread or process. From above:
//   spawn-actor   what an actor is made from   actor-life    its worker, restarts, its end
//   actor-thread  actor-process                the main side of its worker
// remote/ has what both sides share, entry/actor-*.ts what the worker runs.
export type { ActorOptions } from "./actor-options.js";
export { proxy } from "../remote/proxy.js";
export type { Absent } from "../remote/proxy.js";
export { closeActor, withSignal } from "../remote/remote.js";
export type { Actor, ActorHandle, MarkedByProxy, Proxied, Remote, RemoteArguments, RemoteClass, RemoteFunction, RemoteHandle, RemoteIterable, RemoteMember, RemoteMembers, RemoteResult } from "../remote/remote-types.js";
export { spawnActor } from "./spawn-actor.js";
export type { SpawnActor } from "./spawn-actor.js";
