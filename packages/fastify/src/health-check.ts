// The program's own health check. The health route runs it at each request, and a timer runs it where the server is to refuse
// requests while it fails.
import type { LoadGauge, Refusal } from "@offloop/http";
import { realTime } from "@offloop/workers/executor";
import type { FastifyInstance } from "fastify";

/**
 * What a health check found: `true`, or an object whose properties the health route adds to its answer. `false`: unhealthy.
 * A check that throws is unhealthy too, and the log has its error.
 */
export type HealthCheck = (app: FastifyInstance) => Promise<boolean | Readonly<Record<string, unknown>>> | boolean | Readonly<Record<string, unknown>>;

/** The health check of one server: run on request, and by a timer from `start()` until `stop()`. */
export class HealthChecks {
  readonly #app: FastifyInstance;
  readonly #check: HealthCheck;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof realTime.setTimeout> | undefined;
  #closed = false;
  /** Whether the check of the timer failed. */
  #failed = false;

  constructor(app: FastifyInstance, check: HealthCheck, intervalMs: number, timeoutMs: number) {
    this.#app = app;
    this.#check = check;
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs;
  }

  /** Checks now, and then each `intervalMs` after the last check, until `stop()`. A server does not start before its first check. */
  async start(): Promise<void> {
    if (this.#intervalMs === Infinity) return;
    this.#failed = (await this.run()) === undefined;
    if (this.#closed) return;
    this.#timer = realTime.setTimeout(() => void this.start(), this.#intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#closed = true;
    realTime.clearTimeout(this.#timer);
  }

  /** One check. @returns what the health route adds to its answer; `undefined`: unhealthy */
  async run(): Promise<Readonly<Record<string, unknown>> | undefined> {
    let timer: ReturnType<typeof realTime.setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const tooLate = (): void => reject(new Error(`The health check took longer than ${this.#timeoutMs} ms (healthCheckTimeoutMs).`));
      timer = realTime.setTimeout(tooLate, Math.min(this.#timeoutMs, 2 ** 31 - 1));
    });
    try {
      const found = await Promise.race([this.#check(this.#app), late]);
      if (!found) return undefined;
      return found === true ? {} : found;
    } catch (error) {
      this.#app.log.error({ err: error }, "the health check failed");
      return undefined;
    } finally {
      realTime.clearTimeout(timer);
    }
  }

  /** As a gauge refuses: while the check of the timer fails. */
  refusal(gauge: LoadGauge): Refusal | undefined {
    return this.#failed ? { ...gauge.read(), reason: "unhealthy", retryAfterMs: 1_000 } : undefined;
  }
}
