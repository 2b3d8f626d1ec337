// Stops the heartbeat while the program is idle, so that beats do not wake the program. During the rest, the
// watching thread looks at the loop instead: an idle loop sleeps in its wait for events.
//
//   state     is left when                                                   next state
//   beating   the loop waited for events at 90 % of the polls of a second    resting: stop the heartbeat
//   resting   two looks in a row find the loop not waiting for events        waking: start the heartbeat
//   waking    the loop has turned and started the heartbeat                  beating
//
// The wait of the loop differs from other waits, such as that for a child process, in the descriptor that it
// waits on. This descriptor is learned while the heart beats.
import { mark, type Marks } from "../protocol/marks.js";
import { IDLE_SHARE, LOOKS_BEFORE_WAKING, REST_AFTER_MS } from "../protocol/timing.js";
import type { World } from "./world.js";

export class Rest {
  readonly #world: World;
  readonly #marks: Marks;
  #state: "beating" | "resting" | "waking" = "beating";
  #place: string | undefined;
  #since = 0;
  #looks = 0;
  #found = 0;
  #missed = 0;

  constructor(world: World, marks: Marks) {
    this.#world = world;
    this.#marks = marks;
  }

  get isResting(): boolean {
    return this.#state === "resting";
  }

  /** To be called at each poll. @returns whether the loop turns: the heart has beaten, or the loop waits for events */
  turns(beaten: boolean, now: number): boolean {
    const place = Atomics.load(this.#marks.words, mark.call) === 0 ? this.#world.loopWaits.sleepsIn() : undefined;
    const waits = place !== undefined && place === this.#place;
    switch (this.#state) {
      case "beating":
        this.#look(place, now);
        return beaten;
      case "resting":
        this.#missed = beaten || waits ? 0 : this.#missed + 1;
        if (this.#missed === LOOKS_BEFORE_WAKING) {
          this.#state = "waking";
          this.#world.rest(false);
        }
        return beaten || waits;
      case "waking":
        if (beaten) this.#beatFrom(now);
        return beaten || waits;
      default:
        return this.#state satisfies never;
    }
  }

  #beatFrom(now: number): void {
    this.#state = "beating";
    this.#since = now;
    this.#looks = this.#found = this.#missed = 0;
    this.#place = undefined;
  }

  #look(place: string | undefined, now: number): void {
    this.#place ??= place;
    this.#looks++;
    if (place !== undefined && place === this.#place) this.#found++;
    if (now - this.#since < REST_AFTER_MS) return;
    if (this.#place === undefined || this.#found < this.#looks * IDLE_SHARE || !this.#world.loopWaits.waitsForEvents(this.#place)) return this.#beatFrom(now);
    this.#state = "resting";
    this.#world.rest(true);
  }
}
