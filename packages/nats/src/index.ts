/// <reference types="node" preserve="true" />
// The public exports of @offloop/nats.
export { openTransport } from "./transport/open-transport.js";
export type { NatsTransportOptions } from "./transport/nats-transport.js";
export type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving, Transport } from "@offloop/remote";
