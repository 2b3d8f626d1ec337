import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts a server on a port that is free, and returns what its route `/results` answers. */
export async function request(command, cwd, environment) {
  const server = spawn(process.execPath, command, {
    cwd,
    env: { ...process.env, ...environment, PORT: "0", HOSTNAME: "127.0.0.1", NODE_OPTIONS: "--enable-source-maps" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let printed = "";
    for await (const text of server.stdout.setEncoding("utf8")) {
      printed += text;
      const [address] = /http:\/\/(127\.0\.0\.1|localhost):\d+/.exec(printed) ?? [];
      if (address === undefined) continue;
      server.stdout.resume();
      return await (await fetch(`${address}/results`)).text();
    }
    throw new Error(`The server ended before it had an address: ${printed}`);
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  }
}
