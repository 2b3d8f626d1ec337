// Actors: objects with state in their own thread or process. The files, from above:
//   spawn-actor.ts                       locates the class or module
//   actor-life.ts                        starts, restarts and ends the worker
//   actor-thread.ts, actor-process.ts    the main side of the worker
// remote/ is shared by both sides. The worker runs entry/actor-*.ts.
export type { ActorOptions } from "./actor-options.js";
export { proxy } from "../remote/proxy.js";
export type { Absent } from "../remote/proxy.js";
export { closeActor, withSignal } from "../remote/remote.js";
export type { Actor, ActorHandle, MarkedByProxy, Proxied, Remote, RemoteArguments, RemoteClass, RemoteFunction, RemoteHandle, RemoteIterable, RemoteMember, RemoteMembers, RemoteResult } from "../remote/remote-types.js";
export { spawnActor } from "./spawn-actor.js";
export type { SpawnActor } from "./spawn-actor.js";
