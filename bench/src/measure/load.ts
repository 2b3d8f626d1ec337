// The load on suites/server.ts: light requests at a steady rate, heavy ones beside them.
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

const LIGHT_CONNECTIONS = 10;
const HEAVY_CONNECTIONS = 4;

const { port, seconds, lightPerSecond, heavyPerSecond } = JSON.parse(process.argv[2]!) as LoadSetup;

async function shoot(path: string, rate: number, connections: number): Promise<number[]> {
  if (rate === 0) return [];
  const latencies: number[] = [];
  return new Promise((resolve, reject) => {
    const instance = autocannon({ url: `http://127.0.0.1:${port}${path}`, connections, duration: seconds, overallRate: rate }, (error, result) => {
      if (error) reject(error);
      else if (result.non2xx > 0 || result.errors > 0) reject(new Error(`${path}: ${result.non2xx} failed, ${result.errors} errors`));
      else resolve(latencies);
    });
    instance.on("response", (_client, _status, _bytes, ms) => latencies.push(ms));
  });
}

const [light, heavy] = await Promise.all([
  shoot("/light", lightPerSecond, LIGHT_CONNECTIONS),
  shoot("/heavy", heavyPerSecond, Math.min(HEAVY_CONNECTIONS, heavyPerSecond)),
]);
const result: LoadResult = {
  light: { p50: quantile(light, 0.5), p99: quantile(light, 0.99), max: quantile(light, 1) },
  heavy: { perSecond: heavy.length / seconds },
};
process.send!(result, () => process.exit(0));
