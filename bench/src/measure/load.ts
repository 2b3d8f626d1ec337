// The load on the server of suites/server.ts: light requests at a steady rate, and heavy ones at another rate.
import autocannon from "autocannon";
import { quantile } from "./statistics.js";

export interface LoadSetup {
  readonly port: number;
  readonly seconds: number;
  /** 0: none. */
  readonly lightPerSecond: number;
  /** 0: none. */
  readonly heavyPerSecond: number;
}

export interface LoadResult {
  readonly light: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly heavy: { readonly perSecond: number };
}

/** Answers before this time are not counted, because this process is still compiling its own code. */
const WARM_UP_MS = 500;
const LIGHT_CONNECTIONS = 10;
const HEAVY_CONNECTIONS = 4;

const { port, seconds, lightPerSecond, heavyPerSecond } = JSON.parse(process.argv[2]!) as LoadSetup;

interface Shots {
  /** In milliseconds. */
  readonly latencies: readonly number[];
  readonly perSecond: number;
}

async function shoot(path: string, rate: number, connections: number): Promise<Shots> {
  if (rate === 0) return { latencies: [], perSecond: 0 };
  const latencies: number[] = [];
  const countFrom = performance.now() + WARM_UP_MS;
  return new Promise((resolve, reject) => {
    const instance = autocannon({ url: `http://127.0.0.1:${port}${path}`, connections, duration: seconds, overallRate: rate }, (error, result) => {
      if (error) reject(error);
      else if (result.non2xx > 0 || result.errors > 0) reject(new Error(`${path}: ${result.non2xx} failed, ${result.errors} errors`));
      else resolve({ latencies, perSecond: (latencies.length / (performance.now() - countFrom)) * 1_000 });
    });
    instance.on("response", (_client, _status, _bytes, ms) => void (performance.now() > countFrom && latencies.push(ms)));
  });
}

const [light, heavy] = await Promise.all([
  shoot("/light", lightPerSecond, LIGHT_CONNECTIONS),
  shoot("/heavy", heavyPerSecond, Math.min(HEAVY_CONNECTIONS, heavyPerSecond)),
]);
const { latencies } = light;
const result: LoadResult = {
  light: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) },
  heavy: { perSecond: heavy.perSecond },
};
process.send!(result, () => process.exit(0));
