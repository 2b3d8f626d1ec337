// Compares the watchdog with blocked-at, with Sentry's event-loop-block integration and with bare perf_hooks:
// CPU time, and the stalls that each reports. `node bench/dist/watchdog.js [rounds [contenders]]`. Each measurement is a
// process (watchdog-child.ts), and contenders run in turn. Figures are medians. A ratio compares values of one round.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { cost, start } from "./watchdog-cost.js";
import { median, pairedRatio, spread } from "./measure/statistics.js";
import { installPeers } from "./watchdog-peers.js";

const all = ["nothing", "perf_hooks", "offloop", "offloop full", "served", "live", "blocked-at", "sentry"] as const;
const workloads = ["cpu", "await", "http", "calls", "require", "pool"] as const;
type Contender = (typeof all)[number];

const rounds = Number(process.argv[2] ?? 7);
/** `node bench/dist/watchdog.js 7 nothing,offloop` measures these alone. `served`: with the endpoint; `live`: with a live page open. */
const contenders = all.filter((contender) => process.argv[3]?.split(",").includes(contender) ?? true);

/** Milliseconds to wait for a report. A watcher that has not reported by then counts as having missed the stall. */
const reportWithinMs = 5_000;

interface Detection {
  /** Milliseconds from the stall's start to the report; `undefined` without a report. */
  readonly afterMs: number | undefined;
  readonly named: boolean;
}

async function detect(contender: Contender): Promise<Detection> {
  const sentry = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
      if (text.includes('"exception"') || text.includes('"threads"')) report(text);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => sentry.listen(0, "127.0.0.1", resolve));
  let begun = Number.NaN;
  let first: Detection = { afterMs: undefined, named: false };
  const report = (text: string) => {
    // Lines before the stall are start-up messages, or reports of a stall that the machine caused.
    if (Number.isNaN(begun)) return;
    first = { afterMs: first.afterMs ?? Date.now() - begun, named: first.named || text.includes("guiltyFunction") };
  };
  const running = start(contender, "detect", { SENTRY_PORT: String((sentry.address() as AddressInfo).port) });
  running.process.stderr.setEncoding("utf8").on("data", report);
  const timeout = setTimeout(() => running.process.kill(), reportWithinMs);
  for await (const line of running.lines) {
    if (line.startsWith("begin ")) begun = Number(line.slice("begin ".length));
    else report(line);
  }
  clearTimeout(timeout);
  sentry.close();
  sentry.closeAllConnections();
  return first;
}

if (contenders.some((contender) => ["blocked-at", "sentry"].includes(contender))) installPeers();
const costs = new Map<string, number[]>();
const detections = new Map<Contender, Detection[]>();
// If the program is interrupted, it prints the results so far.
let round = 0;
process.once("SIGTERM", () => {
  print(round);
  process.exit(1);
});
for (; round < rounds; round++) {
  for (const contender of contenders) {
    for (const workload of workloads) {
      const key = `${contender} ${workload}`;
      costs.set(key, [...(costs.get(key) ?? []), await cost(contender, workload)]);
    }
    detections.set(contender, [...(detections.get(contender) ?? []), await detect(contender)]);
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}

print(rounds);

/** The number of whole rounds. */
function print(whole: number): void {
  console.log(`Main-thread CPU, ratio to nothing attached (± spread), Node ${process.versions.node}, ${whole} rounds`);
  console.table(
    Object.fromEntries(
      contenders.map((contender) => {
        const cells = workloads.map((workload) => {
          const values = costs.get(`${contender} ${workload}`)!.slice(0, whole);
          const ratio = pairedRatio(values, costs.get(`nothing ${workload}`)!.slice(0, whole));
          return [workload, `${ratio.toFixed(2)} ±${Math.round(spread(values) * 100)} %`];
        });
        const seen = detections.get(contender)!.slice(0, whole);
        const after = seen.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]));
        return [contender, { ...Object.fromEntries(cells), "stalls seen": `${after.length} of ${seen.length}`, "after ms": after.length > 0 ? Math.round(median(after)) : "–", "function named": `${seen.filter(({ named }) => named).length} of ${seen.length}` }];
      }),
    ),
  );
}
