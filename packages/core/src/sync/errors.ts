// The errors of the primitives: one class for each case that a caller handles differently. A mistake in the
// program, such as a release too many, is an InvalidStateError.
import { OffloopError } from "../errors.js";

/** `getNowait()` found no item in the queue. Await `get()`. */
export class QueueEmpty extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_QUEUE_EMPTY";
  declare readonly code: "ERR_OFFLOOP_QUEUE_EMPTY";

  constructor(message = "The queue is empty. Await get() to wait for an item.") {
    super(message);
  }

  static {
    this.prototype.name = "QueueEmpty";
  }
}

/** `putNowait()` found no room in the queue. Await `put()`, or drop the item. */
export class QueueFull extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_QUEUE_FULL";
  declare readonly code: "ERR_OFFLOOP_QUEUE_FULL";

  constructor(message = "The queue is full. Await put() to wait for room.") {
    super(message);
  }

  static {
    this.prototype.name = "QueueFull";
  }
}

/** The queue was shut down: it takes no more items, or has none left. */
export class QueueShutDown extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_QUEUE_SHUT_DOWN";
  declare readonly code: "ERR_OFFLOOP_QUEUE_SHUT_DOWN";

  constructor(message = "The queue was shut down: it takes no more items, or has none left. End the loop that puts or gets.") {
    super(message);
  }

  static {
    this.prototype.name = "QueueShutDown";
  }
}

/** The barrier was reset or aborted while the task waited at it, or is still broken. */
export class BrokenBarrierError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_BROKEN_BARRIER";
  declare readonly code: "ERR_OFFLOOP_BROKEN_BARRIER";

  constructor(message: string) {
    super(message);
  }

  static {
    this.prototype.name = "BrokenBarrierError";
  }
}

/** `acquireNowait()` found no free token. Await `acquire()`. */
export class WouldBlockError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_WOULD_BLOCK";
  declare readonly code: "ERR_OFFLOOP_WOULD_BLOCK";

  constructor(message: string) {
    super(message);
  }

  static {
    this.prototype.name = "WouldBlockError";
  }
}
