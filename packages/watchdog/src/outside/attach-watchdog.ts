// attachWatchdog(): starts a watchdog in another process, and stops it again.
//
//   this process ── inspector, for a moment: startSpooled() ──▶ main thread of the target ──▶ its watching thread
//                ◀──────────── socket ─────────────────────────▶       its end, also that of this process, stops the watchdog
//                ◀──────────── spool (protocol/spool.ts) ─────────────────────────── events
import { chownSync, readdirSync, statSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sample } from "../protocol/sample.js";
import { attachExpression } from "./expressions.js";
import { NoAnswer, Refused } from "./inspector-client.js";
import { openInspector } from "./open-inspector.js";
import { findTarget, link, type Target } from "./target.js";
import { TargetError } from "./target-error.js";
import { hasProc, isAliveWithoutProc } from "./without-proc.js";

/** Options of `attachWatchdog`. */
export interface AttachOptions {
  /** The folder for the events. It is this command's own. */
  readonly spool: string;
  /** `undefined`: the default of the process, by its NODE_ENV. */
  readonly thresholdMs: number | undefined;
  /** Fires when the command is interrupted. */
  readonly cancelled: AbortSignal;
}

/** A watchdog in another process. */
export interface Attachment {
  /** The command line of the process. */
  readonly argv: readonly string[];
  /** Resolves when the watchdog has ended by itself, because its process has. */
  readonly ended: Promise<void>;
  /** Asks the process for a sample. `undefined`: it has not answered for `timeoutMs`, because its loop is held. One request at a time. */
  sample(timeoutMs: number): Promise<Sample | undefined>;
  /** Stops the watchdog. @returns whether it has stopped; `false`: it will, when the loop of the process turns again */
  stop(): Promise<boolean>;
}

/** Milliseconds for the process to load and start the watchdog. */
const START_MS = 10_000;

/** Milliseconds between two looks whether the process runs. */
const LOOK_AGAIN_MS = 200;

/** Milliseconds for the watchdog to end. It delivers its last reports before. */
const STOP_MS = 3_000;

/** @throws TargetError the process cannot be looked into, or cannot start the watchdog; the reason of `cancelled` */
export async function attachWatchdog(pid: number, { spool, thresholdMs, cancelled }: AttachOptions): Promise<Attachment> {
  const target = findTarget(pid);
  if (link(pid, "ns/mnt") !== link(process.pid, "ns/mnt")) throw new TargetError(`Process ${pid} is in a container, and sees other files than this command. Install offloop there, and run the command in the container.`);
  const path = join(spool, "socket");
  const server = createServer({ allowHalfOpen: true }).listen(path);
  await once(server, "listening");
  const connection = new Promise<Socket>((resolve) => server.once("connection", resolve));
  try {
    giveTo(target, spool);
    await startIn(target, attachExpression({ module: fileURLToPath(new URL("../watched/start-watchdog.js", import.meta.url)), path, spool, thresholdMs: thresholdMs ?? null }), cancelled);
  } catch (error) {
    server.close();
    throw error;
  }
  let socket: Socket | undefined;
  const disconnected = connection.then(async (connected) => {
    socket = connected;
    await closed(connected);
  });
  // A process connects when its loop turns, and may end before.
  const ended = Promise.race([disconnected, gone(pid)]);
  let answers: ReturnType<typeof samplesFrom> | undefined;
  const sample = async (timeoutMs: number): Promise<Sample | undefined> => {
    if (socket === undefined) return await pause(timeoutMs, undefined, { ref: false });
    answers ??= samplesFrom(socket);
    return await answers(timeoutMs);
  };
  const stop = async (): Promise<boolean> => {
    server.close(); // a process that has not connected yet cannot any more, and stops the watchdog
    if (socket === undefined) return !runs(pid);
    socket.end("goodbye");
    return await Promise.race([ended.then(() => true), pause(STOP_MS, false, { ref: false })]).finally(() => socket?.destroy());
  };
  return { argv: target.argv, ended, sample, stop };
}

async function gone(pid: number): Promise<void> {
  while (runs(pid)) await pause(LOOK_AGAIN_MS, undefined, { ref: false });
}

/** Whether a process runs. One that has ended and that its parent has not asked for has no program. */
function runs(pid: number): boolean {
  return hasProc ? link(pid, "exe") !== undefined : isAliveWithoutProc(pid);
}

async function startIn(target: Target, expression: string, cancelled: AbortSignal): Promise<void> {
  const inspector = await openInspector(target, cancelled);
  try {
    cancelled.throwIfAborted();
    if (inspector === undefined) throw new TargetError(`Native code holds process ${target.pid}, which does not answer. See what it does: npx offloop dump ${target.pid}`);
    await inspector.client.evaluate(expression, START_MS);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof NoAnswer) || cancelled.aborted) throw error;
    throw new TargetError(`The watchdog could not be started in process ${target.pid}: ${error.message} It needs Node 20.19 or 22.12, or later, there, and the process must be able to read ${fileURLToPath(new URL("..", import.meta.url))}`, { cause: error });
  } finally {
    await inspector?.close();
  }
}

/** Returns the function that requests a sample. A request that was not answered in time is not made again: its answer comes when the loop turns. */
function samplesFrom(socket: Socket): (timeoutMs: number) => Promise<Sample | undefined> {
  let isAsked = false;
  let arrived = (_sample: Sample | undefined): void => {};
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => {
    isAsked = false;
    arrived(JSON.parse(line) as Sample);
  });
  (lines as NodeJS.EventEmitter).on("error", () => {}); // of the socket, whose "close" follows: the process was killed
  return async (timeoutMs) => {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Sample | undefined>((resolve) => {
      arrived = resolve;
      timer = setTimeout(() => resolve(undefined), timeoutMs);
    });
    if (!isAsked) socket.write("sample");
    isAsked = true;
    return await answer.finally(() => clearTimeout(timer));
  };
}

/** Resolves when the connection has ended, also with an error: a process that is killed resets it. */
async function closed(socket: Socket): Promise<void> {
  socket.on("error", () => {}); // "close" follows
  socket.on("end", () => socket.destroy());
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

/** Lets a process of another user write to the folder, if this command is run by root. Without /proc, nothing tells the user. */
function giveTo({ pid }: Target, folder: string): void {
  if (!hasProc) return;
  const { uid, gid } = statSync(`/proc/${pid}`);
  if (uid === process.geteuid?.()) return;
  for (const name of ["", ...readdirSync(folder)]) chownSync(join(folder, name), uid, gid);
}
