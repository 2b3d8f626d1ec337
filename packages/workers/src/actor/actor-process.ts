// The main side of an actor's child process.
//
//   Wire ── IPC, structured clone ──▶ entry/actor-process.ts
//     ▲ stderr: forwarded to the stderr of this process; its end is kept for errors
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { clearTimeout, setImmediate, setTimeout } from "../executor/real-time.js";
import { childNode } from "../dispatch/child-node.js";
import { type Environment, processEnv, workerExecArgv } from "../dispatch/node-options.js";
import { loaderOptions } from "../dispatch/type-loader.js";
import { endWithParent } from "../dispatch/reaper.js";
import type { ResolvedActorOptions } from "./actor-options.js";
import type { ActorWorker, ActorWorkerListener } from "./actor-worker.js";
import { type IpcMessage, ofWire } from "../remote/wire.js";

const entry = fileURLToPath(new URL("../entry/actor-process.js", import.meta.url));

/** Milliseconds that a process may take to end by SIGTERM before it gets SIGKILL. A guess. */
const TERM_MS = 1_000;

/** The number of characters of stderr in the error about the end of a process. */
const STDERR_KEPT = 4_096;

/** Starts a child process that serves an actor. */
export function startProcess(options: ResolvedActorOptions, listener: ActorWorkerListener): ActorWorker {
  const { execArgv, env } = childNode(
    [...workerExecArgv(options.execArgv), ...loaderOptions(), ...(options.maxHeapBytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(options.maxHeapBytes / 2 ** 20)}`])],
    processEnv(options.env as Environment | undefined),
  );
  const child = fork(entry, [], {
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    execArgv: execArgv as string[],
    env: env as NodeJS.ProcessEnv,
    // The child has a process group of its own, so Ctrl-C reaches only this process, which lets its calls finish.
    detached: process.platform !== "win32",
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
    process.stderr.write(text);
  });
  child.on("message", (delivered) => {
    const message = ofWire(delivered);
    if (message !== undefined) listener.received(message);
  });
  const gone = new Promise<void>((resolve) => {
    let failure: Error | undefined;
    const ended = (): void => {
      listener.exited({ exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined, stderr: stderr.trimEnd() || undefined }, failure);
      resolve();
    };
    // A process that could not be spawned has no exit. The messages of one that exits arrive until its
    // IPC channel is closed.
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) ended();
    });
    child.once("exit", () => (child.connected ? child.once("disconnect", () => setImmediate(ended)) : setImmediate(ended)));
  });
  endWithParent(child);
  child.unref();
  child.channel?.unref();
  (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
  return {
    // A message to a closed IPC channel is lost with the process, and a process that was not spawned has no channel. The exit of the process settles its call.
    line: { post: (message) => void child.send?.({ offloop: message } satisfies IpcMessage, () => {}) },
    async kill() {
      child.ref();
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), TERM_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
