// The error for a process that cannot be looked into.
import { WatchdogError } from "../errors.js";

/** The process cannot be looked into. The message says why, and what to do. */
export class TargetError extends WatchdogError {
  static override readonly code = "ERR_OFFLOOP_TARGET";
  declare readonly code: "ERR_OFFLOOP_TARGET";

  static {
    this.prototype.name = "TargetError";
  }
}
