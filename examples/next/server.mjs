// Builds the program as for production, and starts its server: for the test and for main.mjs.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const folder = import.meta.dirname;
const next = join(folder, "node_modules/next/dist/bin/next");
const stamp = join(folder, ".next/built");

/** Builds, unless it was built since the sources changed. */
export async function build() {
  const inFolders = ["app", "lib"].flatMap((part) => readdirSync(join(folder, part), { recursive: true, encoding: "utf8" }).map((file) => join(part, file)));
  const sources = [...readdirSync(folder).filter((file) => /\.(ts|mjs)$/.test(file) && !file.endsWith(".d.ts")), ...inFolders];
  const changed = Math.max(...sources.map((file) => statSync(join(folder, file)).mtimeMs));
  if (existsSync(stamp) && statSync(stamp).mtimeMs > changed) return;
  await promisify(execFile)(process.execPath, [next, "build", "--webpack"], { cwd: folder, env: environment({}) });
  writeFileSync(stamp, "");
}

/**
 * Starts the server on a port that is free.
 * @param {Readonly<Record<string, string>>} variables of its environment
 */
export async function start(variables) {
  const server = spawn(process.execPath, [next, "start", "--hostname", "127.0.0.1", "--port", "0"], { cwd: folder, env: environment(variables), stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  server.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  while (!printed.includes("Ready")) {
    if ((await Promise.race([once(server.stdout, "data"), once(server, "exit")])).length === 2) throw new Error(`next start ended:\n${printed}`);
  }
  const [url] = /** @type {RegExpExecArray} */ (/http:\/\/127\.0\.0\.1:\d+/.exec(printed));
  const stop = async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  };
  return { url, stop };
}

/** @param {Readonly<Record<string, string>>} variables */
function environment(variables) {
  return { ...process.env, NODE_ENV: /** @type {const} */ ("production"), NEXT_TELEMETRY_DISABLED: "1", ...variables };
}
