// Actors: objects with state in a thread or process of their own. From above:
//   spawn-actor  what it is made from      actor-life  its worker, restarts, its end
//   remote       what users hold           peer        one object over there
//   connection   what a value is sent as   wire        many channels over one line
export type { ActorOptions } from "./actor-options.js";
export { proxy } from "./proxy.js";
export { withSignal } from "./remote.js";
export type { Actor, ActorHandle, Proxied, Remote, RemoteIterable } from "./remote-types.js";
export { spawnActor } from "./spawn-actor.js";
export type { SpawnActor } from "./spawn-actor.js";
