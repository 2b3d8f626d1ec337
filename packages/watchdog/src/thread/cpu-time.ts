// How long the watched thread ran and how long it waited for a CPU, as Linux counts it: tells a loop
// that is held from a process that was not given the time to turn it.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import type { CpuTimes } from "./world.js";

export interface CpuTime {
  /** Milliseconds on a CPU. */
  readonly ranMs: number;
  /** Milliseconds in which it could have run and was given no CPU: other processes, or the container's quota. */
  readonly waitedMs: number;
}

const unknown: CpuTime = Object.freeze({ ranMs: Number.NaN, waitedMs: 0 });

/** Without `--v8-pool-size`. */
const helperCount = 4;

/** Linux adds a wait when it is over, and to a running thread's time every few milliseconds: without news for so long, one that could run waits. */
const leastWaitMs = 12;

/** Reads the times of a thread of this process; elsewhere than on Linux they are unknown. */
export class CpuTimeReader implements CpuTimes {
  readonly #times: number | undefined;
  readonly #state: number | undefined;
  readonly #helpers: readonly number[] = [];
  readonly #buffer = Buffer.alloc(96);
  /** The last answer, for who asks again in the same moment. */
  #read: { readonly at: number; readonly time: CpuTime } | undefined;
  #last = "";
  #lastNewsAt = 0;

  /** @param threadId the kernel's; `undefined`: not known */
  constructor(threadId: number | undefined) {
    try {
      if (threadId === undefined) return;
      this.#times = openSync(`/proc/self/task/${threadId}/schedstat`, "r");
      this.#state = openSync(`/proc/self/task/${threadId}/stat`, "r");
      this.#helpers = helperThreadIds().map((id) => openSync(`/proc/self/task/${id}/schedstat`, "r"));
    } catch {
      // No Linux, or no such file in this sandbox.
    }
  }

  read(now: number): CpuTime {
    if (this.#read?.at !== now) this.#read = { at: now, time: this.#readNow(now) };
    return this.#read.time;
  }

  #readNow(now: number): CpuTime {
    if (this.#times === undefined || this.#state === undefined) return unknown;
    try {
      const text = this.#text(this.#times);
      const [ran = "", waited = ""] = text.split(" ");
      if (text !== this.#last) {
        this.#last = text;
        this.#lastNewsAt = now;
      }
      const silentMs = now - this.#lastNewsAt;
      const waitsMs = silentMs >= leastWaitMs && this.#stateOf(this.#state) === "R" ? silentMs : 0;
      return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 + waitsMs };
    } catch {
      return unknown;
    }
  }

  helpedMs(): number {
    try {
      return this.#helpers.reduce((sum, fd) => sum + Number.parseInt(this.#text(fd), 10), 0) / 1e6;
    } catch {
      return 0;
    }
  }

  isAsleep(): boolean {
    try {
      return this.#state !== undefined && this.#stateOf(this.#state) === "S";
    } catch {
      return false;
    }
  }

  close(): void {
    for (const fd of [this.#times, this.#state, ...this.#helpers]) if (fd !== undefined) closeSync(fd);
  }

  /** R: runs, or waits for a CPU. S: sleeps. */
  #stateOf(fd: number): string | undefined {
    // It stands behind the name, which may hold anything.
    return /\) (\w) [^)]*$/.exec(this.#text(fd))?.[1];
  }

  #text(fd: number): string {
    return this.#buffer.toString("latin1", 0, readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
  }
}

/**
 * V8's helper threads in this process. Their name tells them on Node 24 and later. Before, what tells is
 * that Node starts them first, behind the main thread and the scheduler of delayed tasks.
 */
function helperThreadIds(): number[] {
  const ids = readdirSync("/proc/self/task").map(Number).toSorted((a, b) => a - b);
  const named = ids.filter((id) => readFileSync(`/proc/self/task/${id}/comm`, "latin1").includes("V8Worker"));
  return named.length > 0 ? named : ids.slice(2, 2 + helperCount);
}
