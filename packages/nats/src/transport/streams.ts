// The streams of a transport. Each connection makes them, if they are not there.
import { AckPolicy, DiscardPolicy, type JetStreamManager, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import type { Names } from "./names.js";

const NANOS = 1e6;

/** Milliseconds, as NATS takes them. */
export const nanos = (ms: number): number => ms * NANOS;

/** A caller's lease in leases of hosts. A caller may compute, and nothing of it is lost while it does. */
const CALLER_LEASES = 6;

/** The least time for which messages stay in an inbox, in milliseconds. */
const LEAST_KEPT_MS = 600_000;

/** Milliseconds in which a call that is pushed again is the same one, also if it has been claimed. NATS remembers the keys of so long. */
export const ONCE_MS = 30_000;

/** The pulls that may wait for calls of one priority: the free workers of all hosts. NATS reserves some bytes for each. */
const MOST_PULLS = 16_384;

/** Milliseconds after which the consumer of a priority ends, if nobody pulls or pushes. The next one makes it again, and no call is lost. */
const IDLE_MS = 3_600_000;

/** What the streams of a transport depend on. */
export interface StreamOptions {
  readonly leaseMs: number;
  readonly partsMs: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

/** When the streams were made, by which a NATS that has lost them is known. */
export interface Made {
  readonly calls: string;
  readonly inboxes: string;
}

/** Makes the streams that are not there yet, and brings the limits of the others up to date. @throws (by rejection) NATS refuses, or is away */
export async function makeStreams({ streams }: JetStreamManager, names: Names, { leaseMs, partsMs, storage, replicas }: StreamOptions): Promise<Made> {
  const common = { storage: storage === "file" ? StorageType.File : StorageType.Memory, num_replicas: replicas, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old } as const;
  const make = async (config: Partial<StreamConfig> & { readonly name: string }): Promise<string> => {
    try {
      return (await streams.add({ ...common, ...config })).created;
    } catch (error) {
      // It is there, for another lease or by another version: what can be changed follows the last one.
      if ((error as { code?: unknown }).code !== 10_058) throw error;
      const { config: found } = await streams.info(config.name);
      return (await streams.update(config.name, { ...found, ...config })).created;
    }
  };
  const [calls, inboxes] = await Promise.all([
    make({ name: names.calls, subjects: [names.all("call")], retention: RetentionPolicy.Workqueue, duplicate_window: nanos(ONCE_MS) }),
    make({ name: names.inboxes, subjects: [names.all("in")], max_age: nanos(Math.max(LEAST_KEPT_MS, leaseMs * CALLER_LEASES * 2)) }),
    make({ name: names.parts, subjects: [names.all("part")], max_age: nanos(partsMs) }),
    make({ name: names.hosts, subjects: [names.all("host")], max_msgs_per_subject: 1, max_age: nanos(leaseMs), duplicate_window: nanos(Math.min(leaseMs, 1_000)) }),
    make({ name: names.callers, subjects: [names.all("caller")], max_msgs_per_subject: 1, max_age: nanos(leaseMs * CALLER_LEASES), duplicate_window: nanos(Math.min(leaseMs, 1_000)) }),
  ]);
  return { calls, inboxes };
}

/** The name of the consumer from which hosts pull the calls of one priority. */
export function consumerOf(queue: string, priority: number): string {
  return `${nameOf(queue)}--${priority < 0 ? "m" : "p"}${Math.abs(priority)}`;
}

/** The names of consumers take few characters. */
const nameOf = (queue: string): string => queue.replace(/[^A-Za-z0-9]/g, (each) => `_${each.codePointAt(0)!.toString(16)}_`);

/** The priorities among names of consumers, the highest first. */
export function prioritiesOf(queue: string, consumers: readonly string[]): number[] {
  const prefix = `${nameOf(queue)}--`;
  const found = consumers.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
  return found.filter((each) => /^[mp]\d+$/.test(each)).map((each) => Number(each.slice(1)) * (each.startsWith("m") ? -1 : 1)).sort((one, other) => other - one);
}

/** Makes the consumer of one priority. A call that was delivered, and neither claimed nor given back within `ackMs`, is delivered to another host. */
export async function makeConsumer({ consumers }: JetStreamManager, names: Names, queue: string, priority: number, ackMs: number): Promise<void> {
  await consumers.add(names.calls, {
    durable_name: consumerOf(queue, priority),
    filter_subject: names.level(queue, priority),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackMs),
    max_ack_pending: -1,
    max_deliver: -1,
    max_waiting: MOST_PULLS,
    inactive_threshold: nanos(IDLE_MS),
  });
}

/** The code of JetStream for a message that is not there. */
const NO_MESSAGE = 10_037;

/** Takes a call out of the queue. NATS overwrites it, because else a server that is killed may have it again. @returns whether it was there, which one of all that ask gets as an answer */
export async function removeCall({ streams }: JetStreamManager, names: Names, sequence: number): Promise<boolean> {
  try {
    return await streams.deleteMessage(names.calls, sequence, true);
  } catch (error) {
    if ((error as { code?: unknown }).code === NO_MESSAGE) return false;
    throw error;
  }
}
