// Opens the transport that a URL names, by the package of its engine.
import { InvalidOptionError, messageOf } from "@offloop/workers/executor";
import type { Transport } from "../transport/transport.js";

/** The packages by the schemes of their URLs. Each exports `openTransport(url)`, as a module of a `file:` URL does. */
const packages: Readonly<Record<string, string>> = { "redis:": "@offloop/bullmq", "rediss:": "@offloop/bullmq", "nats:": "@offloop/nats", "tls:": "@offloop/nats" };

interface Engine {
  openTransport?(url: string): Transport | Promise<Transport>;
}

/** @throws InvalidOptionError the scheme is unknown, or the package is not installed */
export async function openTransport(url: string): Promise<Transport> {
  if (!URL.canParse(url)) throw new InvalidOptionError("url", `the URL of an engine is absolute: redis://host:6379, nats://host:4222, or the file: URL of a module; got ${JSON.stringify(url)}.`);
  const { protocol } = new URL(url);
  const name = protocol === "file:" ? url : packages[protocol];
  if (name === undefined) throw new InvalidOptionError("url", `no engine has URLs that begin with ${protocol} The schemes are ${Object.keys(packages).join(" ")} and file: for a module of your own, which exports openTransport(url).`);
  const engine = await load(name, protocol);
  if (typeof engine.openTransport !== "function") throw new InvalidOptionError("url", `${name} exports no openTransport(url), which returns the transport.`);
  return engine.openTransport(url);
}

async function load(name: string, protocol: string): Promise<Engine> {
  try {
    return (await import(name)) as Engine;
  } catch (error) {
    if (protocol === "file:" || (error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InvalidOptionError("url", `${protocol} needs ${name}: npm install ${name}. ${messageOf(error)}`);
  }
}
