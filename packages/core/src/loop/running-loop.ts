// The loop of this thread: made with its first use, replaced by who runs one of their own.
import type { EventLoop } from "../event-loop.js";

let loop: EventLoop | undefined;
let make: (() => EventLoop) | undefined;

/** For event-loop.ts: how the default loop is made. */
export function setLoopFactory(factory: () => EventLoop): void {
  make = factory;
}

/** The loop of this thread; the first call makes it. @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop */
export function getEventLoop(): EventLoop {
  return (loop ??= make!());
}
