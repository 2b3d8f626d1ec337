// A host: the command `offloop host` in a process of its own. It runs one call at a time.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const command = join(dirname(createRequire(import.meta.url).resolve("offloop/package.json")), "dist/bin.js");
const root = fileURLToPath(new URL("../../", import.meta.url));

export class Host {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "exit");
  }

  /** Resolves when it serves. */
  static async start(name: string, url: string): Promise<Host> {
    const args = ["host", "--url", url, "--root", root, "--module", "./markdown-server/dist/render.js", "--max-workers", "1", "--name", name];
    const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const host = new Host(child);
    await Promise.race([once(child.stdout!, "data"), host.#ended.then(() => Promise.reject(new Error(`${name} ended before it served.`)))]);
    return host;
  }

  /** Ends it as a lost machine ends. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Lets it finish what it runs. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#ended;
  }
}
