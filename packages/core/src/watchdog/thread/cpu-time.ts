// How long the watched thread ran and how long it waited for a CPU, as Linux counts it: tells a loop
// that is held from a process that was not given the time to turn it.
import { closeSync, openSync, readSync } from "node:fs";

export interface CpuTime {
  /** Milliseconds on a CPU. */
  readonly ranMs: number;
  /** Milliseconds in which it could have run and was given no CPU: other processes, or the container's quota. */
  readonly waitedMs: number;
}

const unknown: CpuTime = Object.freeze({ ranMs: Number.NaN, waitedMs: 0 });

/** Reads the times of the process's main thread; of another thread, and elsewhere than on Linux, they are unknown. */
export class CpuTimeReader {
  readonly #fd: number | undefined;
  readonly #buffer = Buffer.alloc(96);

  constructor(watchesMain: boolean) {
    try {
      if (!watchesMain) return;
      // The main thread's id is the process's.
      this.#fd = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
    } catch {
      this.#fd = undefined;
    }
  }

  read(): CpuTime {
    if (this.#fd === undefined) return unknown;
    try {
      const bytes = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0);
      const [ran = "", waited = ""] = this.#buffer.toString("latin1", 0, bytes).split(" ");
      return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
    } catch {
      return unknown;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}
