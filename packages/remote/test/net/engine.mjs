// For tests: the module of a file: URL, as `file:///…/engine.mjs?port=…`.
import { NetTransport } from "./net-transport.mjs";

export const openTransport = (url) => new NetTransport(Number(new URL(url).searchParams.get("port")));
