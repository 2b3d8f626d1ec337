// Starts the host as another machine would have it: a program of its own, known by its port alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @returns the host's port, and its end: it also ends with this process */
export async function startHost(): Promise<{ readonly port: number; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const host = spawn(process.execPath, [fileURLToPath(new URL("./host.js", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(host, "exit");
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  for (const each of [host, host.stdin, host.stdout] as { unref?(): void }[]) each.unref?.();
  host.stdout.on("data", (bytes: Buffer) => process.stdout.write(bytes)); // what workers print
  return {
    port: Number(String(line)),
    async stop(signal) {
      host.ref();
      host.kill(signal);
      await exited;
    },
  };
}
