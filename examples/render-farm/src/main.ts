// Renders documents on hosts. One host is killed in the midst, and another one comes. Fails if a byte differs from what this
// process renders.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createExecutor } from "@offloop/remote";
import { startRedis } from "../../../scripts/servers.mjs";
import { findDocuments } from "../../markdown-server/dist/documents.js";
import { renderDocument } from "../../markdown-server/dist/render.js";
import { countByHost } from "./count-by-host.js";
import { Host } from "./host.js";
import { bar } from "./progress-bar.js";

const { values } = parseArgs({ options: { documents: { type: "string", default: "300" } } });
/** Smaller documents take less time than their way to a host. */
const documents = findDocuments(import.meta.dirname).filter(({ bytes }) => bytes > 8_000 && bytes < 100_000).slice(0, Number(values.documents));
const texts = documents.map(({ path }) => readFileSync(path, "utf8"));

const redis = await startRedis();
const url = `${redis.url}?leaseMs=3000`;
const hosts = await Promise.all(["host-1", "host-2", "host-3"].map((name) => Host.start(name, url)));
const executor = await createExecutor(url, { root: new URL("../../", import.meta.url) });
const byHost = countByHost();

const pages: string[] = [];
let killed = false;
// With `retries`, a document whose host is lost is rendered again on another host.
for await (const page of executor.with({ retries: 2 }).map(renderDocument, texts, { chunkSize: 1 })) {
  pages.push(page);
  bar(pages.length, texts.length, byHost);
  if (!killed && pages.length >= texts.length / 3 && byHost.has("host-2")) {
    killed = true;
    hosts[1]!.kill();
    hosts.push(await Host.start("host-4", url));
  }
}

await executor.shutdown();
await Promise.all(hosts.map((host) => host.stop()));
await redis.stop();

for (const [index, text] of texts.entries()) if (pages[index] !== renderDocument(text)) throw new Error(`${documents[index]!.name} is another page than this process renders.`);
const bytes = pages.reduce((sum, page) => sum + Buffer.byteLength(page), 0);
console.log(`${pages.length} pages of ${(bytes / 1e6).toFixed(1)} MB, the same to the byte: ${[...byHost].map(([name, count]) => `${name} ${count}`).join(", ")}${killed ? "; host-2 was killed, and host-4 came later" : ""}.`);
