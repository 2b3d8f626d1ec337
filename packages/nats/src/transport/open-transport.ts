// The entry of the transport. The client of NATS is loaded when the first transport is opened.
import type { Transport } from "@offloop/remote";
import type { NatsTransportOptions } from "./nats-transport.js";

/**
 * A transport on NATS 2.9 or later with JetStream, for `RemoteExecutor` and `startHost`.
 *
 * It connects with the first use, and again by itself. While NATS is away, calls wait. `close()` leaves and disconnects. A
 * host that is lost fails its calls within two leases. Its thread renews its lease, and never computes.
 * @param url `nats://` or `tls://`, with user and password, or a token in the place of the user, where they are needed. Its query has the options that the second argument leaves out
 * @throws (by rejection) InvalidOptionError the URL or an option does not fit
 * @example
 * const transport = await openTransport("nats://localhost:4222", { leaseMs: 2_000 });
 */
export async function openTransport(url: string, options?: NatsTransportOptions): Promise<Transport> {
  const { NatsTransport } = await import("./nats-transport.js");
  return new NatsTransport(url, options);
}
