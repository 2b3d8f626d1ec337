// One host: `node redis-host.js <kind> <url>`. It ends with its parent.
import { openTransport } from "@offloop/bullmq";
import { startHost } from "@offloop/remote";
import { Worker } from "bullmq";
import { taskNamed, type TaskName } from "../tasks/table.js";
import type { HostKind } from "./redis.js";

/** Jobs that BullMQ's worker runs at once: more of them answer faster, because each waits for Redis in between. */
const CONCURRENCY = 64;

const [kind, url] = process.argv.slice(2) as [HostKind, string];
process.once("disconnect", () => process.exit());

if (kind === "offloop") await startHost({ transport: await openTransport(url), root: new URL("../", import.meta.url), modules: ["./tasks/tasks.js"], pool: { minWorkers: 1, maxWorkers: 1 } });
else await new Worker("tasks", async ({ name, data }) => taskNamed(name as TaskName)(data), { connection: { url }, concurrency: CONCURRENCY }).waitUntilReady();
process.send!("ready");
