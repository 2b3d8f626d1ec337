// The entry of the transport. Redis and BullMQ are loaded when the first transport is opened.
import type { Transport } from "@offloop/remote";
import type { RedisTransportOptions } from "./redis-transport.js";

/**
 * A transport on BullMQ 6 and Redis 6.2 or later, for `RemoteExecutor` and `startHost`. Each queue of calls is a queue of BullMQ, and
 * each call a job that has the name of its function.
 *
 * It connects with the first use, and again by itself. While Redis is away, calls wait. `close()` leaves and disconnects. A
 * host that is lost fails its calls within two leases; the locks of what it has claimed are renewed by its own thread.
 * @param url `redis://` or `rediss://` (TLS), with user, password and number of the database where they are needed. Its query has the options that the second argument leaves out
 * @throws (by rejection) InvalidOptionError the URL or an option does not fit
 * @example
 * const transport = await openTransport("redis://localhost:6379", { leaseMs: 2_000 });
 */
export async function openTransport(url: string, options?: RedisTransportOptions): Promise<Transport> {
  const { RedisTransport } = await import("./redis-transport.js");
  return new RedisTransport(url, options);
}
