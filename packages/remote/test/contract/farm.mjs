// A process with a hub and hosts, for the contract suite. It prints the ports of the hub and of the requests.
import { MemoryTransport } from "@offloop/remote/memory";
import { listen } from "../net/net-hub.mjs";
import { serveRequests } from "./host-requests.mjs";

const transport = new MemoryTransport();
process.stdout.write(`${JSON.stringify([await listen(transport), await serveRequests(transport)])}\n`);
