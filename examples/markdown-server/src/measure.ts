// Measures one version: starts its server, fetches its HTML, puts load on it from a second process, and reads
// the figures of both. The load is the same for each version.
import { Child } from "./child.js";
import { machineTimes, othersShare } from "./cpu-use.js";
import type { FromLoad, FromServer, LoadPlan, ServerFigures, ToServer, Version } from "./messages.js";
import type { Document } from "./documents.js";
import { percentile } from "./percentile.js";

/** The time in which the clients start one after another, so that their requests are spread evenly. */
const rampUpMs = 1_000;

export interface Load extends Omit<LoadPlan, "address" | "names"> {}

export interface Measurement extends ServerFigures {
  readonly html: ReadonlyMap<string, Buffer>;
  readonly lightRequests: number;
  readonly lightP50Ms: number;
  readonly lightP99Ms: number;
  readonly lightMaxMs: number;
  readonly heavyPerSecond: number;
  /** The fraction of the machine's CPU time that other programs used meanwhile, from 0 to 1. */
  readonly othersCpuShare: number;
}

/** @throws Error the server or the clients end early, or a request fails */
export async function measure(
  version: Version,
  documents: readonly Document[],
  load: Load,
  onStep: (step: string, ms?: number) => void,
): Promise<Measurement> {
  onStep("starting");
  await using server = new Child<ToServer, FromServer>(`${version} server`, "./server.js", [version]);
  const { address } = await server.ask({ kind: "publish", documents }, "listening");
  const names = documents.map(({ name }) => name);
  const html = await fetchAll(address, names);

  onStep("warming up", rampUpMs + load.warmUpMs);
  await using clients = new Child<LoadPlan, FromLoad>("load process", "./load.js");
  await clients.ask({ address, names, ...load }, "windowOpened");
  await server.ask({ kind: "resetFigures" }, "figuresReset");
  onStep("measuring", load.measureMs);
  const machineBefore = machineTimes();
  const seen = (await clients.hear("measured")).figures;
  const { figures } = await server.ask({ kind: "readFigures" }, "figures");
  const machineAfter = machineTimes();

  requireSuccess(version, seen.failures);
  const lightMs = seen.lightMs.toSorted((a, b) => a - b);
  return {
    ...figures,
    html,
    lightRequests: lightMs.length,
    lightP50Ms: percentile(lightMs, 50),
    lightP99Ms: percentile(lightMs, 99),
    lightMaxMs: percentile(lightMs, 100),
    heavyPerSecond: seen.heavyPerSecond,
    othersCpuShare: othersShare(machineBefore, machineAfter, figures.cpuMs + seen.cpuMs),
  };
}

/** Fetches all at once, so that an answer for the wrong request would show. */
async function fetchAll(address: string, names: readonly string[]): Promise<Map<string, Buffer>> {
  const pages = names.map(async (name): Promise<[string, Buffer]> => {
    const response = await fetch(`${address}/docs/${encodeURIComponent(name)}`);
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`GET ${response.url} answered ${response.status}: ${body.toString("utf8")}`);
    return [name, body];
  });
  return new Map(await Promise.all(pages));
}

function requireSuccess(version: Version, failures: Readonly<Record<string, number>>): void {
  const lines = Object.entries(failures).map(([what, times]) => `  ${what} (${times} ×)`);
  if (lines.length > 0) throw new Error(`Requests to the ${version} server failed:\n${lines.join("\n")}`);
}
