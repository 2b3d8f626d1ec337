// The functions of time that the loop runs on: the real ones, even where a test runner fakes timers later.
import { realTime } from "@offloop/workers/executor";

export const { clearInterval, clearTimeout, nextTick, now, queueMicrotask, setImmediate, setInterval, setTimeout } = realTime;
