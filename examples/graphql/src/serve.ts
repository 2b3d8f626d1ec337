// The server in a process of its own, which main.ts measures: `serve.js "in place"` or `serve.js "on threads"`.
import type { AddressInfo } from "node:net";
import { InlineExecutor, ThreadPoolExecutor } from "offloop";
import { createServer } from "./server.js";

const executor = process.argv[2] === "in place" ? new InlineExecutor() : new ThreadPoolExecutor({ maxWorkers: 2 });
const server = createServer(executor).listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
