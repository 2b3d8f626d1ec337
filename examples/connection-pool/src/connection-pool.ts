// At most `size` connections, which are opened when needed and used again. Every `checkEveryMs` the pool sends a
// ping to idle connections. It closes a connection that was idle for `idleTimeoutMs`. Both are timers of the loop.
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
  /** The numbers of connections closed because they did not answer a ping, or because they were idle for too long. */
  readonly closed = { unhealthy: 0, idle: 0 };
  readonly #options: PoolOptions;
  readonly #loop = getRunningLoop();
  readonly #room: Semaphore;
  /** The connection used last comes first. So connections that are not needed stay idle, and are closed. */
  #idle: Idle[] = [];
  #nextCheck: TimerHandle;
  #draining = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#room = new Semaphore(options.size);
    this.#nextCheck = this.#scheduleCheck();
  }

  /**
   * Runs `work` with a connection. Waits for one if all are in use. If `work` fails or is cancelled, the state of the
   * connection is unknown, so it is closed.
   * @throws Error the pool is draining; errors of `open` and `work`
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#draining) throw new Error("The pool is draining. Make the exchange before drain().");
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

  /** Refuses new uses, waits for connections in use, and closes all. */
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

  /** Sends a ping. The connection counts as in use meanwhile. A connection that is in use is not checked. */
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
