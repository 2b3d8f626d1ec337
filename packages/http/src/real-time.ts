// The real functions of time, which a test runner that fakes timers does not stop.
import { realTime } from "@offloop/workers/executor";

export const { clearTimeout, now, setTimeout, timeOrigin } = realTime;
