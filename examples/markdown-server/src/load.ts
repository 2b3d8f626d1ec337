// The clients, in their own process: light requests at a steady rate, and connections that keep the heavy route
// busy. measure.ts starts it with a LoadPlan, and it answers with LoadFigures.
//
// The rate must not depend on the server's answers, because otherwise slow answers would reduce the number of
// requests. So each light connection sends one request a second, and the connections start at different times.
// A slow answer delays no other connection's request.
import { setTimeout as elapse } from "node:timers/promises";
import autocannon from "autocannon";
import { MeasuringWindow } from "./measuring-window.js";
import type { FromLoad, LoadPlan } from "./messages.js";

const secondMs = 1000;
/** Far longer than any stall, so that a suspended machine causes no failure. */
const connectionTimeoutSeconds = 30;

process.once("disconnect", () => process.exit(1));
process.once("message", (plan: LoadPlan) => void run(plan));

async function run(plan: LoadPlan): Promise<void> {
  const window = new MeasuringWindow();
  const paths = plan.names.map((name) => ({ path: `/docs/${encodeURIComponent(name)}` }));
  const duration = Math.ceil((plan.warmUpMs + plan.measureMs) / secondMs) + 2 * connectionTimeoutSeconds;
  const common = { url: plan.address, duration, timeout: connectionTimeoutSeconds };

  let turn = 0;
  start({
    ...common,
    connections: plan.heavyConnections,
    setupClient: (client) => {
      client.setRequests(rotated(paths, turn++));
      watchHeavy(client, window);
    },
  });
  for (let n = 0; n < plan.lightPerSecond; n++) {
    start({
      ...common,
      connections: 1,
      connectionRate: 1,
      ignoreCoordinatedOmission: true,
      setupClient: (client) => watchLight(client, window),
    });
    await elapse(secondMs / plan.lightPerSecond);
  }

  await elapse(plan.warmUpMs);
  tell({ kind: "windowOpened" });
  window.open();
  await elapse(plan.measureMs);
  tell({ kind: "measured", figures: await window.close() }, () => process.exit(0));
}

function start(options: autocannon.Options): void {
  autocannon(options, (error: Error | null) => {
    if (error) throw error;
  });
}

function watchHeavy(client: autocannon.Client, window: MeasuringWindow): void {
  client.on("response", (status) => {
    window.heavyAnswered();
    if (status !== 200) window.failed(`heavy route answered ${status}`);
  });
  watchFailures(client, "heavy", (what) => window.failed(what));
}

/** A connection has one request at a time, so an answer belongs to its last request. */
function watchLight(client: autocannon.Client, window: MeasuringWindow): void {
  let counts = false;
  const events: NodeJS.EventEmitter = client;
  events.on("request", () => {
    if (counts) lost("light route: the server closed the connection instead of answering");
    counts = window.lightSent();
  });
  client.on("response", (status, _bytes, ms) => {
    if (counts) window.lightAnswered(ms);
    counts = false;
    if (status !== 200) window.failed(`light route answered ${status}`);
  });
  watchFailures(client, "light", lost);

  function lost(what: string): void {
    if (counts) window.lightLost();
    counts = false;
    window.failed(what);
  }
}

function watchFailures(client: NodeJS.EventEmitter, route: string, failed: (what: string) => void): void {
  client.on("connError", (error: Error) => failed(`${route} route: ${error.message}`));
  client.on("timeout", () => failed(`${route} route: no answer in ${connectionTimeoutSeconds} s`));
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function tell(message: FromLoad, sent: () => void = () => {}): void {
  process.send!(message, sent);
}
