// Starts the host as a separate program. The executor knows only its port, as if it ran on another machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The host also ends with this process. @returns the host's port, and a function that stops it */
export async function startHost(): Promise<{ readonly port: number; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const host = spawn(process.execPath, [fileURLToPath(new URL("./host.js", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(host, "exit");
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  for (const each of [host, host.stdin, host.stdout] as { unref?(): void }[]) each.unref?.();
  host.stdout.on("data", (bytes: Buffer) => process.stdout.write(bytes)); // the output of the workers
  return {
    port: Number(String(line)),
    async stop(signal) {
      host.ref();
      host.kill(signal);
      await exited;
    },
  };
}
