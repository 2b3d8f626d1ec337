// One version of the server in its own process: `server.js inline` or `server.js offloaded`. It measures its
// own loop and sends the figures to measure.ts. It ends when main.ts disconnects.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Stall, startWatchdog } from "offloop";
import { createApp } from "./app.js";
import { ownCpuMs } from "./cpu-use.js";
import { inlineRoutes } from "./inline.js";
import type { FromServer, ToServer, Version } from "./messages.js";
import { offloadedRoutes } from "./offloaded.js";
import { publish } from "./source.js";

const nanosecondsPerMs = 1e6;
const beatMs = 10;
const routes = { inline: inlineRoutes, offloaded: offloadedRoutes }[process.argv[2] as Version];
const app = createApp();
routes(app);

let stalls: Stall[] = [];
let cpuMsAtReset = 0;
const watchdog = startWatchdog({ report: "silent", onStall: (stall) => stalls.push(stall) });
const loopDelay = monitorEventLoopDelay({ resolution: beatMs });
loopDelay.enable();

process.on("message", async (message: ToServer) => {
  switch (message.kind) {
    case "publish":
      publish(message.documents);
      await watchdog.ready();
      return tell({ kind: "listening", address: await app.listen({ host: "127.0.0.1", port: 0 }) });
    case "resetFigures":
      stalls = [];
      loopDelay.reset();
      cpuMsAtReset = ownCpuMs();
      return tell({ kind: "figuresReset" });
    case "readFigures":
      return tell({ kind: "figures", figures: { loopDelayP99Ms: loopDelayMs(99), stalls, cpuMs: ownCpuMs() - cpuMsAtReset } });
    default:
      message satisfies never;
  }
});
process.once("disconnect", () => app.close());

/** The histogram has the times between two beats. The delay is the time beyond the interval. */
function loopDelayMs(percentile: number): number {
  return Math.max(0, loopDelay.percentile(percentile) / nanosecondsPerMs - beatMs);
}

function tell(message: FromServer): void {
  process.send!(message);
}
