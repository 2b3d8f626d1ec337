// Which requests count. A light one that is sent while the window is open counts, however late its answer
// comes; so `close` waits for the answers that are still under way. Heavy ones are a rate: their answers count.
import { ownCpuMs } from "./cpu-use.js";
import type { LoadFigures } from "./messages.js";

export class MeasuringWindow {
  #openedAt: number | undefined;
  #cpuMsAtOpening = 0;
  #allAnswered: (() => void) | undefined;
  #lightUnderWay = 0;
  #heavyAnswers = 0;
  readonly #lightMs: number[] = [];
  readonly #failures: Record<string, number> = {};
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  open(): void {
    this.#openedAt = this.#now();
    this.#cpuMsAtOpening = ownCpuMs();
  }

  /** Takes no further requests; resolves when each light request that counts is answered or lost. */
  async close(): Promise<LoadFigures> {
    if (this.#openedAt === undefined) throw new Error("The measuring window is not open.");
    const seconds = (this.#now() - this.#openedAt) / 1000;
    const cpuMs = ownCpuMs() - this.#cpuMsAtOpening;
    const heavyPerSecond = this.#heavyAnswers / seconds;
    this.#openedAt = undefined;
    if (this.#lightUnderWay > 0) await new Promise<void>((resolve) => (this.#allAnswered = resolve));
    return { lightMs: this.#lightMs, heavyPerSecond, cpuMs, failures: this.#failures };
  }

  /** @returns whether this request counts; if so, `lightAnswered` or `lightLost` must follow. */
  lightSent(): boolean {
    if (this.#openedAt === undefined) return false;
    this.#lightUnderWay++;
    return true;
  }

  lightAnswered(ms: number): void {
    this.#lightMs.push(ms);
    this.lightLost();
  }

  lightLost(): void {
    if (--this.#lightUnderWay === 0) this.#allAnswered?.();
  }

  heavyAnswered(): void {
    if (this.#openedAt !== undefined) this.#heavyAnswers++;
  }

  /** Failures count at any time: a server that fails while it warms up is no server to compare. */
  failed(what: string): void {
    this.#failures[what] = (this.#failures[what] ?? 0) + 1;
  }
}
