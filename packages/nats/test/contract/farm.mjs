// A process with hosts on the NATS whose URL is the argument, for the contract suite. It prints the port of the requests.
import { openTransport } from "@offloop/nats";
import { serveRequests } from "../../../remote/test/contract/host-requests.mjs";

process.stdout.write(`${await serveRequests(await openTransport(process.argv[2]))}\n`);
