// At most `size` connections, opened when they are needed and used again. Every `checkEveryMs` those that
// idle are asked for a sign of life; what idles for `idleTimeoutMs` is closed. Both are timers of the loop.
import { CancelledError, createTask, getRunningLoop, Semaphore, timeout, type TimerHandle } from "offloop";
import type { Connection } from "./connection.js";

export interface PoolOptions {
  readonly open: () => Promise<Connection>;
  readonly size: number;
  readonly idleTimeoutMs: number;
  readonly checkEveryMs: number;
  readonly checkTimeoutMs: number;
}

interface Idle {
  readonly connection: Connection;
  readonly idleSince: number;
  readonly closing: TimerHandle;
}

export class ConnectionPool {
  /** Connections that did not answer a health check, and that idled for too long. */
  readonly closed = { unhealthy: 0, idle: 0 };
  readonly #options: PoolOptions;
  readonly #loop = getRunningLoop();
  readonly #room: Semaphore;
  /** Those used last come first, so that what is not needed idles until it is closed. */
  #idle: Idle[] = [];
  #nextCheck: TimerHandle;
  #draining = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#room = new Semaphore(options.size);
    this.#nextCheck = this.#scheduleCheck();
  }

  /**
   * Lends a connection to `work`, waiting for one if all are lent. If `work` fails or is cancelled in the
   * middle, what state the connection is in is unknown, so it is closed.
   * @throws Error when the pool is draining; what `open` and `work` throw
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#draining) throw new Error("The pool is draining: it lends no more connections.");
    return await this.#room.hold(async () => {
      const connection = this.#takeIdle() ?? (await this.#options.open());
      try {
        const result = await work(connection);
        this.#giveBack(connection);
        return result;
      } catch (error) {
        connection.close();
        throw error;
      }
    });
  }

  /** Lends no more, waits until every connection that is lent has come back, and closes them all. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#nextCheck.cancel();
    for (let taken = 0; taken < this.#options.size; taken++) await this.#room.acquire();
    for (let connection = this.#takeIdle(); connection; connection = this.#takeIdle()) connection.close();
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.shift(); idle; idle = this.#idle.shift()) {
      idle.closing.cancel();
      if (idle.connection.usable) return idle.connection;
    }
    return undefined;
  }

  #giveBack(connection: Connection, idleSince = this.#loop.time()): void {
    const closing = this.#loop.callAt(idleSince + this.#options.idleTimeoutMs, () => {
      this.#takeOut(connection);
      this.closed.idle++;
      connection.close();
    });
    this.#idle.unshift({ connection, idleSince, closing });
  }

  #takeOut(connection: Connection): Idle | undefined {
    const idle = this.#idle.find((each) => each.connection === connection);
    this.#idle = this.#idle.filter((each) => each !== idle);
    idle?.closing.cancel();
    return idle;
  }

  #scheduleCheck(): TimerHandle {
    return this.#loop.callLater(this.#options.checkEveryMs, () => {
      this.#nextCheck = this.#scheduleCheck();
      for (const { connection } of this.#idle) createTask(() => this.#check(connection), { name: "health check" });
    });
  }

  /** While it is asked, the connection counts as lent; one that was lent meanwhile needs no check. */
  async #check(connection: Connection): Promise<void> {
    await this.#room.hold(async () => {
      const idle = this.#takeOut(connection);
      if (idle && (await this.#answers(connection))) this.#giveBack(connection, idle.idleSince);
    });
  }

  async #answers(connection: Connection): Promise<boolean> {
    try {
      await timeout(this.#options.checkTimeoutMs, () => connection.exchange("ping"));
      return true;
    } catch (error) {
      connection.close();
      if (error instanceof CancelledError) throw error;
      this.closed.unhealthy++;
      return false;
    }
  }
}
