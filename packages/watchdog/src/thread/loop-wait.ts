// Reads from Linux whether the watched thread sleeps in the wait for events of its loop. Such a loop is idle
// and turns: an event wakes it at once.
import { closeSync, openSync, readlinkSync, readSync } from "node:fs";
import type { LoopWaits } from "./world.js";

/** Reads the system call in which a thread of this process sleeps. On systems other than Linux it is unknown. */
export class LoopWaitReader implements LoopWaits {
  readonly #call: number | undefined;
  readonly #buffer = Buffer.alloc(64);

  /** @param threadId the id of the thread in the kernel; `undefined`: not known */
  constructor(threadId: number | undefined) {
    try {
      if (threadId !== undefined) this.#call = openSync(`/proc/self/task/${threadId}/syscall`, "r");
    } catch {
      // The system is not Linux, or its sandbox has no such file.
    }
  }

  sleepsIn(): string | undefined {
    if (this.#call === undefined) return undefined;
    try {
      const text = this.#buffer.toString("latin1", 0, readSync(this.#call, this.#buffer, 0, this.#buffer.length, 0));
      // "281 0xe …" is the number of the call and its first argument. "running" means that the thread does not sleep.
      return /^\d+ 0x[0-9a-f]+(?= )/.exec(text)?.[0];
    } catch {
      return undefined;
    }
  }

  waitsForEvents(place: string): boolean {
    try {
      return readlinkSync(`/proc/self/fd/${Number(place.split(" ")[1])}`) === "anon_inode:[eventpoll]";
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#call !== undefined) closeSync(this.#call);
  }
}
