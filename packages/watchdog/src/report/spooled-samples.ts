// Samples of one of the processes that `offloop watch --serve` watches. The command is another process, so it says by a file that
// somebody looks, and a sample is a file that it removes. See protocol/spool.ts.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sample } from "../protocol/sample.js";
import { LOOKS, SAMPLE_FILE, SERVES_SAMPLES } from "../protocol/spool.js";
import type { Samples } from "./sampling.js";

/** Milliseconds between two looks at the folder. */
const LOOK_EVERY_MS = 250;

/** Writes the samples of this process for the command that shows them. */
export class SpooledSamples {
  readonly #folder: string;
  readonly #file: string;
  readonly #samples: Samples;
  #timer: NodeJS.Timeout | undefined;
  #isAsked = false;
  #isLookedAt = false;

  /** @param folder the spool. @param name of the file of this process, without its ending */
  constructor(folder: string, name: string, samples: Samples) {
    this.#folder = folder;
    this.#file = join(folder, `${name}${SAMPLE_FILE}`);
    this.#samples = samples;
    if (!existsSync(join(folder, SERVES_SAMPLES))) return;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** The watched thread has answered. */
  sampled(sample: Sample): void {
    this.#isAsked = false;
    if (!this.#isLookedAt) return;
    try {
      writeFileSync(`${this.#file}-written`, JSON.stringify(sample));
      renameSync(`${this.#file}-written`, this.#file);
    } catch {
      // The command removes the folder when it ends, which this process may outlive.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#isLookedAt;
    this.#isLookedAt = existsSync(join(this.#folder, LOOKS));
    if (before && !this.#isLookedAt) this.#samples.release?.();
    if (!this.#isLookedAt || this.#isAsked || existsSync(this.#file)) return;
    this.#isAsked = true;
    this.#samples.ask?.();
  }
}
