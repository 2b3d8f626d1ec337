/// <reference types="node" preserve="true" />
// `offloop host`: a host as a program. It ends when it has drained, after SIGTERM or SIGINT.
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { messageOf } from "@offloop/workers/executor";
import { type Host, startHost } from "../host/host.js";
import { openTransport } from "../options/open-transport.js";

const USAGE = `Usage: offloop host --url <url> --module <path> [--module …] [options]

  --url <url>           the engine: redis://…, nats://…, or the file: URL of a module that exports openTransport(url); default: OFFLOOP_URL
  --module <path>       a module whose exports it runs, below the root; ./tasks.js#render for one export
  --root <folder>       the folder of the modules; default: the current one
  --workers <kind>      thread (default) or process
  --max-workers <n>     the number of calls at once; default: one fewer than the processors
  --queue <name>        default: offloop
  --version-of-code <v> default: the version in the nearest package.json
  --name <name>         its name in errors and lists; default: machine and process
  --health-port <port>  serves GET /healthz: 200 while it takes calls, 503 while it drains
  --drain-ms <ms>       ends what still runs so long after SIGTERM; default: waits
  OFFLOOP_SECRET        signs and checks messages, if it is set
  --help, --version     print this text, and the version
`;

/**
 * Runs the command. Resolves when the host has ended. Sets `process.exitCode` to 2, and prints the usage, if it cannot start.
 * @param args the arguments after `host`
 * @param version of the package that has the command, for `--version`
 */
export async function hostMain(args: readonly string[], version: string): Promise<void> {
  // No value of an option is one of these: parseArgs refuses values that begin with a dash.
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(USAGE);
  if (args.includes("--version") || args.includes("-v")) return void process.stdout.write(`${version}\n`);
  let stop: ((timeoutMs: number) => Promise<void>) | undefined;
  try {
    stop = await start(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const { "drain-ms": drain } = parse(args);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await stop(drain === undefined ? Infinity : Number(drain));
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  return parseArgs({
    args: [...args],
    options: { url: text, module: { type: "string", multiple: true }, root: text, workers: text, "max-workers": text, queue: text, "version-of-code": text, name: text, "health-port": text, "drain-ms": text },
  }).values;
}

async function start(args: readonly string[]): Promise<(timeoutMs: number) => Promise<void>> {
  const values = parse(args);
  const url = values.url ?? process.env["OFFLOOP_URL"];
  if (url === undefined || values.module === undefined) throw new Error(`offloop host needs ${url === undefined ? "--url" : "--module"}.`);
  for (const name of ["drain-ms", "max-workers", "health-port"] as const) if (values[name] !== undefined && !/^\d+$/.test(values[name])) throw new Error(`--${name} takes a whole number; got ${values[name]}.`);
  const transport = await openTransport(url);
  try {
    const host = await startHost({
      transport,
      root: pathToFileURL(`${values.root ?? process.cwd()}/`),
      modules: values.module,
      workers: values.workers as "thread" | undefined,
      pool: values["max-workers"] === undefined ? undefined : { maxWorkers: Number(values["max-workers"]) },
      queue: values.queue,
      version: values["version-of-code"],
      name: values.name,
      secret: process.env["OFFLOOP_SECRET"],
    });
    const health = values["health-port"] === undefined ? undefined : await serveHealth(host, Number(values["health-port"]));
    process.stdout.write(`offloop host ${host.name} serves ${host.serves.join(", ")} from ${host.queue}${health === undefined ? "" : `, health at http://localhost:${(health.address() as AddressInfo).port}/healthz`}\n`);
    return async (timeoutMs) => {
      await host.stop({ timeoutMs });
      await transport.close();
      health?.close();
      health?.closeAllConnections();
    };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** `GET /healthz`: the state of the host as JSON, for probes. */
function serveHealth(host: Host, port: number): Promise<Server> {
  const server = createServer(({ method, url }, response) => {
    const found = (method === "GET" || method === "HEAD") && url?.split("?")[0] === "/healthz";
    const { name, queue, running, draining } = host;
    response.writeHead(!found ? 404 : draining ? 503 : 200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(found ? `${JSON.stringify({ status: draining ? "draining" : "serving", name, queue, running, serves: host.serves })}\n` : "{}\n");
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve(server));
  });
}
