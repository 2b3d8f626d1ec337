// The main side of an actor's thread.
//
//   Wire ── a separate port, so the thread's parentPort stays free ──▶ entry/actor-thread.ts
import type { Transferable } from "node:worker_threads";
import { afterLoads } from "../dispatch/after-loads.js";
import { threadExecArgv, workerEnv } from "../dispatch/node-options.js";
import { spareCores } from "../dispatch/spare-cores.js";
import { tellThreadsOfLoader } from "../dispatch/type-loader.js";
import type { ActorThreadSetup } from "../entry/actor-thread.js";
import type { ResolvedActorOptions } from "./actor-options.js";
import type { ActorWorker, ActorWorkerListener } from "./actor-worker.js";
import { LoopSpin } from "../protocol/loop-spin.js";
import { PostCount } from "../protocol/post-count.js";
import type { WireMessage } from "../remote/wire.js";

const entry = new URL("../entry/actor-thread.js", import.meta.url);

/** Starts a thread that serves an actor. */
export function startThread(options: ResolvedActorOptions, listener: ActorWorkerListener): ActorWorker {
  // Not imported: the first actor loads Node's threads.
  const { MessageChannel, receiveMessageOnPort, Worker } = process.getBuiltinModule("node:worker_threads");
  const { port1, port2 } = new MessageChannel();
  const posts = new PostCount("main");
  const loads = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const env = typeof options.env === "symbol" ? options.env : workerEnv(options.env);
  const execArgv = threadExecArgv(options.execArgv);
  tellThreadsOfLoader();
  const worker = new Worker(entry, {
    workerData: { port: port2, posts: posts.buffer, busy: spareCores.buffer, loads } satisfies ActorThreadSetup,
    transferList: [port2],
    ...(env === undefined ? {} : { env: env as NodeJS.ProcessEnv }),
    ...(execArgv === undefined ? {} : { execArgv }),
    ...(options.maxHeapBytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapBytes / 2 ** 20 } }),
  });
  let cause: unknown;
  worker.once("error", (error) => (cause = error));
  const broken = (error: unknown): void => {
    cause ??= error; // the answered call is unknown, so all calls reject
    afterLoads(loads, () => void worker.terminate());
  };
  const take = (message: WireMessage): void => {
    posts.received();
    try {
      listener.received(message);
    } catch (error) {
      broken(error);
    }
  };
  const unreadable = (error: unknown): void => {
    posts.received();
    broken(error);
  };
  /** Receives the messages of the thread that the event loop has not delivered yet. @returns whether there was one */
  const drain = (): boolean => {
    for (let found = false; ; found = true) {
      let next: ReturnType<typeof receiveMessageOnPort>;
      try {
        next = receiveMessageOnPort(port1);
      } catch (error) {
        unreadable(error);
        continue;
      }
      if (next === undefined) return found;
      take(next.message as WireMessage);
    }
  };
  const spin = new LoopSpin({
    poll() {
      if (posts.waiting && drain()) return "found";
      return listener.expecting ? "expecting" : "nothing";
    },
    mayStart: () => spareCores.any,
  });
  const gone = new Promise<void>((resolve) => {
    worker.once("exit", (exitCode) => {
      drain();
      port1.close();
      listener.exited({ exitCode }, cause);
      resolve();
    });
  });
  port1.on("message", take);
  port1.on("messageerror", unreadable);
  port1.unref();
  worker.unref();
  return {
    line: {
      post(message, transfer) {
        port1.postMessage(message, transfer as Transferable[] | undefined);
        posts.posted();
        if (listener.expecting) spin.expect();
      },
    },
    async kill() {
      worker.ref();
      await new Promise<void>((resolve) => afterLoads(loads, resolve));
      await worker.terminate();
      await gone;
    },
  };
}
