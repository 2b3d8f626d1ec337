// The real functions of time, on which the loop runs also if a test runner fakes timers later.
import { realTime } from "@offloop/workers/executor";

export const { clearInterval, clearTimeout, nextTick, now, queueMicrotask, setImmediate, setInterval, setTimeout } = realTime;
