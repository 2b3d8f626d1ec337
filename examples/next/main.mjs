// Measures the light route while two clients keep the route handler busy: in place, then on threads.
//
//   npm start                 20 requests each
//   npm start -- --amount 100
import { once } from "node:events";
import { parseArgs } from "node:util";
import autocannon from "autocannon";
import { build, start } from "./server.mjs";

const FOREVER_S = 600;

const { values } = parseArgs({ options: { amount: { type: "string", default: "20" } } });
const amount = Number(values.amount);

await build();
for (const how of ["in place", "on threads"]) {
  const { url, stop } = await start(how === "in place" ? { IN_PLACE: "1" } : {});
  const light = autocannon({ url: `${url}/light`, connections: 1, overallRate: 100, duration: FOREVER_S }, () => {});
  const lightDone = once(light, "done");
  const heavy = await autocannon({ url: `${url}/anagrams/event%20loop?words=2`, connections: 2, amount, timeout: FOREVER_S });
  light.stop();
  const [{ latency, ...answers }] = await lightDone;
  await stop();
  const failed = [answers, heavy].map(({ non2xx, errors }) => non2xx + errors).reduce((a, b) => a + b);
  if (failed > 0 || heavy["2xx"] !== amount) throw new Error(`${how}: ${failed} requests failed, and ${heavy["2xx"]} of ${amount} were answered.`);
  console.log(`${how.padEnd(12)}light route: p50 ${latency.p50} ms, p99 ${latency.p99} ms; ${amount} times anagrams in ${heavy.duration} s`);
}
