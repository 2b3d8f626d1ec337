// Reads from Linux how long the watched thread ran and how long it waited for a CPU. This distinguishes a
// loop that is held from a process that was given no CPU to turn it.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import type { CpuTime, CpuTimes } from "./world.js";

const unknown: CpuTime = Object.freeze({ ranMs: Number.NaN, waitedMs: 0 });

/** The number of V8's helper threads without `--v8-pool-size`. */
const HELPER_COUNT = 4;

/** Linux adds a wait to the sum when the wait is over, and updates the time of a running thread every few milliseconds. A runnable thread whose times have not changed for this long waits for a CPU. */
const LEAST_WAIT_MS = 12;

/** Reads the times of a thread of this process. On systems other than Linux they are unknown. */
export class CpuTimeReader implements CpuTimes {
  readonly #times: number | undefined;
  readonly #state: number | undefined;
  readonly #helpers: readonly number[] = [];
  readonly #buffer = Buffer.alloc(96);
  /** The last answer. It is used again for the same moment. */
  #read: { readonly at: number; readonly time: CpuTime } | undefined;
  #last = "";
  #lastNewsAt = 0;

  /** @param threadId the id of the thread in the kernel; `undefined`: not known */
  constructor(threadId: number | undefined) {
    try {
      if (threadId === undefined) return;
      this.#times = openSync(`/proc/self/task/${threadId}/schedstat`, "r");
      this.#state = openSync(`/proc/self/task/${threadId}/stat`, "r");
      this.#helpers = helperThreadIds().map((id) => openSync(`/proc/self/task/${id}/schedstat`, "r"));
    } catch {
      // The system is not Linux, or its sandbox has no such file.
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
      const waitsMs = silentMs >= LEAST_WAIT_MS && this.#stateOf(this.#state) === "R" ? silentMs : 0;
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

  /** The state of the thread. R: it runs or waits for a CPU. S: it sleeps. */
  #stateOf(fd: number): string | undefined {
    // The state follows the name, which can contain any character.
    return /\) (\w) [^)]*$/.exec(this.#text(fd))?.[1];
  }

  #text(fd: number): string {
    return this.#buffer.toString("latin1", 0, readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
  }
}

/**
 * The ids of V8's helper threads in this process. On Node 24 and later, they are known by their name. Older Nodes
 * start them first, after the main thread and the scheduler of delayed tasks.
 */
function helperThreadIds(): number[] {
  const ids = readdirSync("/proc/self/task").map(Number).toSorted((a, b) => a - b);
  const named = ids.filter((id) => readFileSync(`/proc/self/task/${id}/comm`, "latin1").includes("V8Worker"));
  return named.length > 0 ? named : ids.slice(2, 2 + HELPER_COUNT);
}
