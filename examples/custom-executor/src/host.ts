// The host: a program that listens, and starts a process for each connection. It passes bytes on. When the caller
// closes the connection, it ends the process, and it reports to the caller how a process ended.
import { spawn } from "node:child_process";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { encode, endWithParent, STDERR_KEPT } from "@offloop/workers/pool";
import type { Exited } from "./tcp-executor.js";

const worker = fileURLToPath(new URL("./worker.js", import.meta.url));

/** Functions that end the remaining workers, also busy ones. */
const ends = new Set<() => void>();

function serve(caller: Socket): void {
  const child = spawn(process.execPath, [worker], { stdio: ["ignore", "inherit", "pipe", "overlapped"] });
  endWithParent(child); // also if the host is killed
  const line = child.stdio[3] as Socket;
  const kill = (): void => void child.kill("SIGKILL");
  ends.add(kill);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    process.stderr.write(text);
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  caller.pipe(line, { end: false });
  line.pipe(caller, { end: false });
  line.on("error", () => {}); // the event `close` follows
  line.once("close", kill); // a worker without its line cannot be reached
  caller.once("end", kill);
  caller.on("error", () => {});
  caller.once("close", () => line.destroy());
  child.once("error", (error) => caller.destroy(error));
  child.once("close", (exitCode, signal) => {
    ends.delete(kill);
    const exited: Exited = { type: "exited", exit: { exitCode: exitCode ?? undefined, signal: signal ?? undefined, stderr: stderr.trimEnd() || undefined } };
    caller.end(encode(exited));
  });
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.on("exit", () => ends.forEach((end) => end()));
process.once("SIGTERM", () => process.exit());
process.stdin.resume().once("end", () => process.exit()); // the program that started the host has ended
