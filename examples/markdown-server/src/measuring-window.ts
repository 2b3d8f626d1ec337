// Decides which requests count. A light request counts if it is sent while the window is open, also if its answer
// comes later. So `close` waits for these answers. Of heavy requests, the answers within the window are counted.
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

  /** Counts no further requests. Resolves when each counted light request is answered or lost. */
  async close(): Promise<LoadFigures> {
    if (this.#openedAt === undefined) throw new Error("The measuring window is not open: call open() first.");
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

  /** Failures count at any time, also while the server warms up. */
  failed(what: string): void {
    this.#failures[what] = (this.#failures[what] ?? 0) + 1;
  }
}
