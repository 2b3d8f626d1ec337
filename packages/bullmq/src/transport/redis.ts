// Connections to Redis. A command whose connection is cut is rejected, and `insist` decides whether it is given again: a
// command that Redis has carried out unseen must have no further effect.
import { Redis, type RedisOptions } from "ioredis";
import { realTime } from "@offloop/workers/executor";

/** Milliseconds between two attempts while Redis answers, but cannot serve yet. */
const PAUSE_MS = 50;

/** The longest time between two attempts to connect. */
const MOST_BETWEEN_MS = 1_000;

/** Milliseconds without an answer after which a connection is taken for dead. A guess. */
const SILENCE_MS = 10_000;

/** Replies of a server that is starting, or handing over to another one. */
const passing = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNBLOCKED)\b/;

/** Errors of ioredis about the connection. */
const cut = /^(MaxRetriesPerRequestError|AbortError)$/;

/** @param options beside what each connection has. It keeps no process alive, and connects again by itself. */
export function connect(url: string, options: Pick<RedisOptions, "lazyConnect" | "maxRetriesPerRequest"> = {}): Redis {
  const retryStrategy = (attempt: number): number => Math.min(PAUSE_MS * attempt, MOST_BETWEEN_MS);
  const redis = new Redis(url, { maxRetriesPerRequest: 0, keepAlive: SILENCE_MS, retryStrategy, ...options });
  redis.on("connect", () => redis.stream.unref());
  // The timer of ioredis would keep a process alive while Redis is away.
  redis.on("reconnecting", () => (redis as unknown as { reconnectTimeout?: NodeJS.Timeout | null }).reconnectTimeout?.unref());
  return redis;
}

/**
 * Cuts a connection that does not answer, which then connects again. A network that is gone closes nothing.
 * @param ms that the command may take by itself
 */
export async function watched<T>(redis: Redis, command: Promise<T>, ms = 0): Promise<T> {
  const timer = realTime.setTimeout(() => redis.disconnect(true), ms + SILENCE_MS).unref();
  try {
    return await command;
  } finally {
    realTime.clearTimeout(timer);
  }
}

/** Whether the command may succeed later. */
export function isPassing(error: unknown): boolean {
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (name === "ReplyError") return passing.test(message);
  return cut.test(name) || (typeof code === "string" && !code.startsWith("ERR_")) || /^(Connection is closed|Stream isn't writeable|Connection is in subscriber)/.test(message);
}

/** Repeats a command until Redis has answered it. @param command gets the number of attempts that were cut before @throws what Redis refuses for good, or `closed` */
export async function insist<T>(redis: Redis, command: (before: number) => Promise<T>): Promise<T> {
  for (let before = 0; ; before += 1) {
    try {
      return await command(before);
    } catch (error) {
      if (redis.status === "end") throw new Error("the transport is closed: its connections to Redis have ended", { cause: error });
      if (!isPassing(error)) throw error;
      await whenReady(redis);
    }
  }
}

const waits = new WeakMap<Redis, Promise<void>>();

/** Resolves when the connection is there, or has ended. Commands that wait together share a listener. */
function whenReady(redis: Redis): Promise<void> {
  let waiting = waits.get(redis);
  if (waiting === undefined) {
    waiting = new Promise((resolve) => {
      const done = (): void => {
        redis.off("ready", done).off("end", done);
        waits.delete(redis);
        resolve();
      };
      if (redis.status === "ready") realTime.setTimeout(done, PAUSE_MS).unref();
      else redis.once("ready", done).once("end", done);
    });
    waits.set(redis, waiting);
  }
  return waiting;
}

/** The replies of a pipeline. @throws the first error in it */
export async function replies(pipeline: { exec(): Promise<[error: Error | null, reply: unknown][] | null> }): Promise<unknown[]> {
  return (await pipeline.exec())!.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
