// Whether the watched thread sleeps in its loop's wait for events, as Linux tells. A loop that is found
// there turns: it is idle, and is woken as soon as it has something to do.
import { closeSync, openSync, readlinkSync, readSync } from "node:fs";
import type { LoopWaits } from "./world.js";

/** Reads the system call that a thread of this process sleeps in; elsewhere than on Linux it is unknown. */
export class LoopWaitReader implements LoopWaits {
  readonly #call: number | undefined;
  readonly #buffer = Buffer.alloc(64);

  /** @param threadId the kernel's; `undefined`: not known */
  constructor(threadId: number | undefined) {
    try {
      if (threadId !== undefined) this.#call = openSync(`/proc/self/task/${threadId}/syscall`, "r");
    } catch {
      // No Linux, or no such file in this sandbox.
    }
  }

  sleepsIn(): string | undefined {
    if (this.#call === undefined) return undefined;
    try {
      const text = this.#buffer.toString("latin1", 0, readSync(this.#call, this.#buffer, 0, this.#buffer.length, 0));
      // "281 0xe …": the call's number and its first argument; "running" says that it does not sleep.
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
