// Runs a call on a worker with the SDK of docs/observability.md. No span is made, so nothing is sent.
import { ThreadPoolExecutor } from "offloop";
import { checksum } from "./work.js";

await using pool = new ThreadPoolExecutor({ maxWorkers: 1, setup: new URL("./telemetry.js", import.meta.url) });
console.log(typeof (await pool.submit(checksum, "some text")));
