// The main side of an actor's child process.
//
//   Wire ── frames on a socket of its own ──▶ entry/actor-process.ts
//     ▲ stderr: forwarded to the stderr of this process; its end is kept for errors
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childNode } from "../dispatch/child-node.js";
import { ChildSocket } from "../dispatch/child-socket.js";
import { type Environment, processEnv, workerExecArgv } from "../dispatch/node-options.js";
import { loaderOptions } from "../dispatch/type-loader.js";
import type { ResolvedActorOptions } from "./actor-options.js";
import type { ActorWorker, ActorWorkerListener } from "./actor-worker.js";
import type { WireMessage } from "../remote/wire.js";

const entry = fileURLToPath(new URL("../entry/actor-process.js", import.meta.url));

/** The number of characters of stderr in the error about the end of a process. */
const STDERR_KEPT = 4_096;

/** Starts a child process that serves an actor. */
export function startProcess(options: ResolvedActorOptions, listener: ActorWorkerListener): ActorWorker {
  const { execArgv, env } = childNode(
    [...workerExecArgv(options.execArgv), ...loaderOptions(), ...(options.maxHeapBytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(options.maxHeapBytes / 2 ** 20)}`])],
    processEnv(options.env as Environment | undefined),
  );
  const child = process.getBuiltinModule("node:child_process").spawn(process.execPath, [...execArgv, entry], {
    // "overlapped" is a pipe on which neither side blocks, also on Windows.
    stdio: ["ignore", "inherit", "pipe", "overlapped"],
    env,
    // The child has a process group of its own, so Ctrl-C reaches only this process, which lets its calls finish.
    detached: process.platform !== "win32",
  });
  if (child.pid === undefined) return stillborn(child, listener);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
    process.stderr.write(text);
  });
  let gone!: () => void;
  const end = new Promise<void>((resolve) => (gone = resolve));
  const socket = new ChildSocket<WireMessage>(child, {
    received: (message) => listener.received(message),
    ended(exit, failure) {
      listener.exited({ ...exit, stderr: stderr.trimEnd() || undefined }, failure);
      gone();
    },
  });
  return {
    line: { post: (message) => socket.send(message) },
    kill() {
      child.ref();
      socket.kill();
      return end;
    },
  };
}

/** A process that could not be spawned has no exit, but an error. */
function stillborn(child: ChildProcess, listener: ActorWorkerListener): ActorWorker {
  const end = new Promise<void>((resolve) => {
    child.once("error", (failure) => {
      listener.exited({}, failure);
      resolve();
    });
  });
  return { line: { post: () => {} }, kill: () => end };
}
