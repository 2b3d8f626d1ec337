// The state machine of a lane: whether its worker can be sent calls, and whether the worker is ending.
//
// The rows are the phases, and the columns are the methods. A cell names the next phase ("–": unchanged) and, after
// the slash, what the method tells its caller to do next.
//
//   phase     | opened          | suspected  | heard | wear            | close           | kill           | exited
//   starting  | ready / serve   | –          | –     | – / nothing     | closing / close | gone / kill    | gone / start-failed
//   ready     | – / nothing     | silent     | –     | worn / leave    | closing / close | gone / kill    | gone / crashed
//   silent    | – / nothing     | –          | ready | worn / leave    | closing / close | gone / kill    | gone / crashed
//   worn      | – / nothing     | –          | –     | – / nothing     | closing / close | gone / kill    | gone / crashed
//   closing   | – / nothing     | –          | –     | – / nothing     | – / nothing     | gone / kill    | gone / closed
//   gone      | – / nothing     | –          | –     | – / nothing     | – / nothing     | – / nothing    | – / nothing
//
//   starting  the worker starts; a thread can be sent calls meanwhile
//   ready     the worker takes calls
//   silent    the dispatcher took calls back because the worker did not answer; it gets no calls until it answers
//   worn      the worker has served long enough; it gets no calls, and ends when it has answered its calls
//   closing   the worker has been told to end
//   gone      the worker was killed, or has exited
//
// A starting lane cannot become worn, so a pool never starts the successor of a worker that has not started.

/** The phases of the table above. */
export type LanePhase = "starting" | "ready" | "silent" | "worn" | "closing" | "gone";

/** The meaning of a worker's exit for the owner of its lane; `nothing`: the owner has killed the worker. */
export type ExitMeaning = "start-failed" | "crashed" | "closed" | "nothing";

export class LaneState {
  #phase: LanePhase = "starting";

  get phase(): LanePhase {
    return this.#phase;
  }

  /** Whether the worker has started, and has not been told to end. */
  get awake(): boolean {
    return this.#phase === "ready" || this.#phase === "silent" || this.#phase === "worn";
  }

  /** The worker is ready for calls. */
  opened(): "serve" | "nothing" {
    if (this.#phase !== "starting") return "nothing";
    this.#phase = "ready";
    return "serve";
  }

  /** Calls were taken back because the worker did not answer. */
  suspected(): void {
    if (this.#phase === "ready") this.#phase = "silent";
  }

  /** The worker has answered, or holds no call that it could answer. */
  heard(): void {
    if (this.#phase === "silent") this.#phase = "ready";
  }

  /** The worker has served long enough. */
  wear(): "leave" | "nothing" {
    if (this.#phase !== "ready" && this.#phase !== "silent") return "nothing";
    this.#phase = "worn";
    return "leave";
  }

  close(): "close" | "nothing" {
    if (this.#phase === "closing" || this.#phase === "gone") return "nothing";
    this.#phase = "closing";
    return "close";
  }

  kill(): "kill" | "nothing" {
    if (this.#phase === "gone") return "nothing";
    this.#phase = "gone";
    return "kill";
  }

  exited(): ExitMeaning {
    const phase = this.#phase;
    this.#phase = "gone";
    switch (phase) {
      case "starting":
        return "start-failed";
      case "ready":
      case "silent":
      case "worn":
        return "crashed";
      case "closing":
        return "closed";
      case "gone":
        return "nothing";
      default:
        return phase satisfies never;
    }
  }
}
