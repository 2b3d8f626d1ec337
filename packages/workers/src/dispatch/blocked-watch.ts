// Finds workers that are blocked. A worker is blocked if it used a processor for less than half of the time for which it
// had calls between two looks. Further workers may then run calls, up to `maxBlockedWorkers`. The watch looks only while calls
// wait, or while more than `maxWorkers` workers may run.
import type { Lane } from "./lane.js";
import type { Timer, World } from "./world.js";

/** Milliseconds between two looks while something changes. A guess: a fifth of the start of a worker, long enough for one turn of the system's scheduler. */
const LOOK_MS = 10;

/** The longest time between two looks. Each look that changes nothing doubles the time. A guess. */
const LONGEST_LOOK_MS = 40;

/** A worker that is busy for a smaller share of its time is blocked. */
const BUSY_SHARE = 0.5;

/** A worker that had calls for a shorter time since the last look is not judged, in milliseconds. */
const LEAST_MS = LOOK_MS / 2;

/** What was seen of a worker, in milliseconds: `StartedWorker.busyMs`, and the time for which it has had calls. */
interface Look {
  readonly busyMs: number;
  readonly heldMs: number;
}

export interface BlockedWatchOptions {
  readonly world: World;
  lanes(): Iterable<Lane>;
  /** Whether a look can change anything. */
  needed(): boolean;
  /** Some lanes are blocked, or are no longer. */
  changed(): void;
}

export class BlockedWatch {
  readonly #options: BlockedWatchOptions;
  #seen = new Map<Lane, Look>();
  #timer: Timer | undefined;
  #left = false;

  constructor(options: BlockedWatchOptions) {
    this.#options = options;
  }

  /** Calls wait, and no worker may take them. */
  begin(): void {
    if (this.#timer === undefined) {
      this.#compare();
      this.#lookAfter(LOOK_MS);
    } else if (this.#left) this.#seen.clear(); // what was seen belongs to earlier calls
    this.#left = false;
  }

  /** No call waits any more. */
  leave(): void {
    this.#left = true;
  }

  end(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#seen.clear();
  }

  #lookAfter(ms: number): void {
    this.#timer = this.#options.world.after(ms, () => {
      if (!this.#options.needed()) return this.end();
      const isFirst = this.#seen.size === 0;
      const changed = this.#compare();
      this.#lookAfter(changed || isFirst ? LOOK_MS : Math.min(ms * 2, LONGEST_LOOK_MS));
      if (changed) this.#options.changed();
    });
  }

  /** Compares with the last look. @returns whether a worker was found blocked, or is no longer */
  #compare(): boolean {
    const now = this.#options.world.now();
    const seen = new Map<Lane, Look>();
    let changed = false;
    for (const lane of this.#options.lanes()) {
      const busyMs = lane.idle || !lane.awake ? undefined : lane.busyMs();
      if (busyMs === undefined) continue;
      const before = this.#seen.get(lane);
      const look = { busyMs, heldMs: now - lane.idleMs };
      const heldMs = before === undefined ? 0 : look.heldMs - before.heldMs;
      seen.set(lane, before !== undefined && heldMs < LEAST_MS ? before : look);
      if (heldMs >= LEAST_MS && lane.foundBlocked(busyMs - before!.busyMs < heldMs * BUSY_SHARE)) changed = true;
    }
    this.#seen = seen;
    return changed;
  }
}
