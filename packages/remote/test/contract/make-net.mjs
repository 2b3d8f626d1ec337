// For the contract suite: an executor with a host in the process of farm.mjs, whose ports are in the environment.
import { NetTransport } from "../net/net-transport.mjs";
import { makerOf } from "./executor-with-host.mjs";

const [hubPort, requestPort] = JSON.parse(process.env.OFFLOOP_TEST_FARM);

export default makerOf(requestPort, () => new NetTransport(hubPort));
