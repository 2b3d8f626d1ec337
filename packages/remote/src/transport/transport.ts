// The transport: what RemoteExecutor and Host need of an engine, such as BullMQ on Redis, or NATS. It carries bytes and knows
// nothing of functions, cancellation or deadlines. An engine that keeps these promises can carry any call.
//
//   caller ── push ──▶ queue ── run ──▶ host        each call to one host at most, once at most
//     ▲                                  │
//     └──────── inbox ◀──── send ────────┘          and the other way: send(host) reaches the inbox of a host
//
// Three things make a transport:
//
//   queues    hold calls until a host has room. A call that a host has claimed is never delivered again.
//   inboxes   one for each peer. A message survives a cut connection: the reader continues after the last one it has read.
//   leases    each peer renews its own. A peer whose lease has ended is gone, and its claims are lost.
//
// Retries are not the transport's affair. The caller pushes a lost call again, under a new key.

/**
 * An engine that carries calls between callers and hosts.
 *
 * A transport reconnects by itself. While it has no connection, its promises stay pending, and settle after it has
 * reconnected. They reject only if the transport is closed, or if the engine refuses for good (no permission, too large).
 */
export interface Transport {
  /** The name of the engine, which becomes the `kind` of the executor: `memory`, `bullmq`, `nats`. */
  readonly name: string;
  /**
   * The largest call or message, in bytes. Larger ones are refused before they are given to the transport. A transport
   * keeps large bytes beside its records, as bytes, for as long as the call or message lives.
   */
  readonly maxBytes: number;
  /**
   * Opens the inbox of a peer and takes its lease, which the line renews until `leave`. From then on `listener` is called.
   * Neither the line nor its connections keep the process alive.
   */
  join(peer: Peer, listener: PeerListener): Promise<Line>;
  /** Leaves with every line that is still open, and closes the connections. */
  close(): Promise<void>;
}

/** A caller or a host, as it joins a transport. */
export interface Peer {
  /** The address of its inbox. Never used again by another peer: a peer that starts again joins under a new id. */
  readonly id: string;
  /** A caller pushes calls. A host claims them, and stands in `hosts()`. */
  readonly role: "caller" | "host";
  /** What others see of a host in `hosts()`. */
  readonly about: Uint8Array;
}

/** A call, as the caller pushes it. Short calls that share a job are one call here. */
export interface PushedCall {
  /** Unique for all time. Pushing the same key again, after a cut connection, has no further effect. */
  readonly key: string;
  /** The name of the function, for people who look at the queue. */
  readonly name: string;
  /** A whole number between −1,000,000 and 1,000,000. Higher ones leave the queue first, equal ones in the order of arrival. */
  readonly priority: number;
  /** The call as signed bytes. The engine does not look into them. */
  readonly body: Uint8Array;
}

/** A call, as a host receives it. */
export interface Delivery {
  /** The key under which the caller pushed the call. */
  readonly key: string;
  /** The name of the queue from which the call comes. */
  readonly queue: string;
  /** The bytes that the caller pushed, unchanged. */
  readonly body: Uint8Array;
}

/** Why a call that was pushed will not be answered. */
export interface Loss {
  /**
   * `host`: the lease of the host that had claimed it ended. `refused`: the host rejected it and ran nothing.
   * `engine`: the engine has lost it, for example by a restart without persistence. Except for `refused`, the call may have had effects.
   */
  readonly reason: "host" | "refused" | "engine";
  /** The id of the host that had claimed it, if one had. */
  readonly host?: string | undefined;
  /** The message with which the host refused it. */
  readonly message?: string | undefined;
}

/** Receives what happens to a peer. The transport calls these functions one at a time. */
export interface PeerListener {
  /**
   * A message has arrived in the inbox. Messages of one sender arrive in the order in which it sent them. None is missing
   * unless the engine lost data. A message may arrive twice after a cut connection.
   */
  received(message: Uint8Array): void;
  /**
   * For callers: a pushed call is lost. Called once for each such call, within two lease times of the loss, and not for a
   * call that `settled` was told of. An answer that the host sent before it was lost is received first.
   */
  lost(key: string, loss: Loss): void;
  /** The transport is in trouble and goes on trying: for logs. */
  troubled?(error: Error): void;
}

/** A host in the list of `hosts()`. */
export interface HostEntry {
  /** The id under which the host has joined. */
  readonly id: string;
  /** The bytes of the host's `Peer.about`, or of its last update. */
  readonly about: Uint8Array;
}

/** Calls are being served. */
export interface Serving {
  /** Claims no more calls. Resolves when every `run` has settled. A call that no host has claimed stays in the queue. */
  stop(): Promise<void>;
}

/** The connection of one peer. */
export interface Line {
  /**
   * Puts a message into the inbox of a peer. Resolves when the engine has it: it then survives the end of this process.
   * Without effect if that peer has left, or its lease has ended.
   */
  send(to: string, message: Uint8Array): Promise<void>;
  /** Whether the lease of a peer lasts. */
  isPresent(peer: string): Promise<boolean>;
  /** For callers: the hosts that serve this queue and hold a lease, oldest first. */
  hosts(queue: string): Promise<HostEntry[]>;
  /** For callers: puts a call into a queue. Resolves when the engine has it. A queue needs no host to exist. */
  push(queue: string, call: PushedCall): Promise<void>;
  /** For callers: takes a call out of the queue. @returns `true`: no host has it or will get it; `false`: a host has claimed it, or it is not there */
  takeBack(queue: string, key: string): Promise<boolean>;
  /** For callers: nothing more is expected of this call, so the transport forgets it. Also after `takeBack` and `lost`. */
  settled(key: string): void;
  /**
   * For hosts: claims calls of the queue, never more than `capacity` at once, and passes each to `run`. A host that has no
   * room claims nothing, so a call waits for the first free worker of all hosts.
   * @param run The claim lasts until its promise settles. If it rejects, the call is lost as `refused`, with the error's message.
   */
  serve(queue: string, capacity: number, run: (delivery: Delivery) => Promise<void>): Promise<Serving>;
  /** For hosts: replaces what others see of it. */
  tell(about: Uint8Array): Promise<void>;
  /** Ends the lease and removes the inbox. For a host, call it after `stop`: claims that it still has are lost. For a caller: its queued calls are removed. */
  leave(): Promise<void>;
}
