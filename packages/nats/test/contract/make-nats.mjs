// For the contract suite: an executor with a host in the process of farm.mjs. The URL of NATS and the port of the requests
// are in the environment.
import { openTransport } from "@offloop/nats";
import { makerOf } from "../../../remote/test/contract/executor-with-host.mjs";

const [url, port] = JSON.parse(process.env.OFFLOOP_TEST_NATS_FARM);
/** The contract makes executors at once, and a transport connects with its first use. */
function transport() {
  const opening = openTransport(url);
  return { name: "nats", maxBytes: 2 ** 26, join: async (...peer) => (await opening).join(...peer), close: async () => (await opening).close() };
}

export default makerOf(port, transport);
