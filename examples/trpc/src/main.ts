// Measures the light procedure while two clients keep the heavy one busy: in place, then on threads.
//
//   npm start                 20 tours each
//   npm start -- --amount 100
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import autocannon from "autocannon";

const FOREVER_S = 600;

const { values } = parseArgs({ options: { amount: { type: "string", default: "20" } } });
const amount = Number(values.amount);
const tour = `tour?input=${encodeURIComponent(JSON.stringify({ country: "PL" }))}`;

for (const how of ["in place", "on threads"]) {
  const server = fork(fileURLToPath(new URL("./serve.js", import.meta.url)), [how]);
  const [port] = (await once(server, "message")) as [number];
  const url = `http://127.0.0.1:${port}`;
  const light = autocannon({ url: `${url}/hello`, connections: 1, overallRate: 100, duration: FOREVER_S }, () => {});
  const lightDone = once(light, "done") as Promise<[autocannon.Result]>;
  const heavy = await autocannon({ url: `${url}/${tour}`, connections: 2, amount, timeout: FOREVER_S });
  light.stop();
  const [{ latency, ...answers }] = await lightDone;
  const failed = [answers, heavy].map(({ non2xx, errors }) => non2xx + errors).reduce((a, b) => a + b);
  if (failed > 0 || heavy["2xx"] !== amount) throw new Error(`${how}: ${failed} requests failed, and ${heavy["2xx"]} of ${amount} tours were made.`);
  console.log(`${how.padEnd(12)}hello: p50 ${latency.p50} ms, p99 ${latency.p99} ms; ${amount} tours in ${heavy.duration} s`);
  server.disconnect();
  await once(server, "exit");
}
