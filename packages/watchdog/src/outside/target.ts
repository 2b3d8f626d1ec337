// Finds out about a process by what Linux shows of it below /proc, and refuses one that cannot be looked into. Nothing
// is sent to the process: SIGUSR1 would end a program that does not expect it. Without /proc: without-proc.ts.
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { userInfo } from "node:os";
import { basename } from "node:path";
import { TargetError } from "./target-error.js";
import { findWithoutProc, hasProc, isAliveWithoutProc, signalWithoutProc } from "./without-proc.js";

/** A process of Node that this user may look into. */
export interface Target {
  readonly pid: number;
  /** The time of its start, in clock ticks since the system's: another process with the same id has another. `undefined`: nothing tells it. */
  readonly startTicks: string | undefined;
  /** Its command line. Empty: nothing tells it. */
  readonly argv: readonly string[];
}

/** Every executable of Node has this name of a C++ class, and no other program has. */
const MARK = Buffer.from("_ZN4node9inspector5Agent");
const CHUNK_BYTES = 1 << 20;

/** The bit of SIGUSR1 in the signal masks of the kernel. */
const SIGUSR1_BIT = 1n << 9n;

/** @throws TargetError the process cannot be looked into */
export function findTarget(pid: number): Target {
  if (process.platform === "win32") throw new TargetError("offloop asks another process by SIGUSR1, which Windows does not have. Run the program with `offloop watch` instead.");
  if (!hasProc) return findWithoutProc(pid);
  const status = read(pid, "status");
  if (status === undefined) throw new TargetError(`There is no process ${pid} here. A container numbers its processes by itself: run the command in the container, or give the id that \`ps\` shows here.`);
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
  const name = field("Name");
  if (field("Tgid") !== String(pid)) throw new TargetError(`${pid} is a thread of process ${field("Tgid")}: give that id.`);
  const state = field("State")[0];
  if (state === "Z" || state === "X") throw new TargetError(`Process ${pid} (${name}) has ended, and its parent ${field("PPid")} has not collected its exit status.`);
  if (state === "T" || state === "t") throw new TargetError(`Process ${pid} (${name}) is stopped by a signal or a debugger. Let it go on first: kill -CONT ${pid}`);
  const owner = Number(field("Uid").split("\t")[1]);
  if (field("VmSize") === "") throw new TargetError(`Process ${pid} (${name}) is no Node.js: it belongs to the kernel.`);
  const executable = link(pid, "exe");
  if (executable === undefined) throw refused(pid, name, owner);
  if (!isNode(pid, executable)) throw new TargetError(`Process ${pid} is no Node.js: it runs ${executable}. If it started one, give the id of that process: ps --ppid ${pid}`);
  if (process.geteuid?.() !== 0 && process.geteuid?.() !== owner) throw refused(pid, name, owner);
  if (link(pid, "ns/net") !== readlinkSync("/proc/self/ns/net")) {
    throw new TargetError(`Process ${pid} (${name}) is in a container with a network of its own, so its inspector cannot be reached from here. Run the command in the container, as process ${field("NSpid").split("\t").at(-1)}, or: sudo nsenter --target ${pid} --net npx offloop dump ${pid}`);
  }
  return { pid, startTicks: startTicks(pid)!, argv: (read(pid, "cmdline") ?? "").split("\0").slice(0, -1) };
}

/** Whether the process that was found is still there. */
export function isAlive({ pid, startTicks: known }: Pick<Target, "pid" | "startTicks">): boolean {
  if (!hasProc) return isAliveWithoutProc(pid);
  return startTicks(pid) === known && state(pid) !== "Z";
}

/** Makes the process open its inspector. @throws TargetError it would not, or has ended */
export function askForInspector(target: Target): void {
  const { pid } = target;
  if (!hasProc) return signalWithoutProc(target);
  const caught = BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(read(pid, "status") ?? "")?.[1] ?? "0"}`);
  if ((caught & SIGUSR1_BIT) === 0n) throw new TargetError(`Process ${pid} does not open its inspector when it is asked to by SIGUSR1: it has just been started, or was started with --disable-sigusr1 or --permission.`);
  if (!isAlive(target)) throw hasEnded(target);
  try {
    process.kill(pid, "SIGUSR1");
  } catch {
    throw hasEnded(target);
  }
}

export function hasEnded({ pid }: Target): TargetError {
  return new TargetError(`Process ${pid} has ended meanwhile.`);
}

/** The text of a file below /proc/PID; `undefined`: it cannot be read. */
export function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

/** The target of a link below /proc/PID; `undefined`: it cannot be read. */
export function link(pid: number, file: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}

function startTicks(pid: number): string | undefined {
  return fieldsOf(pid)?.[19];
}

function state(pid: number): string | undefined {
  return fieldsOf(pid)?.[0];
}

/** The fields of /proc/PID/stat that follow the name, which can contain any character. */
function fieldsOf(pid: number): string[] | undefined {
  return /\) ([^)]*)$/.exec(read(pid, "stat") ?? "")?.[1]?.split(" ");
}

function refused(pid: number, name: string, owner: number): TargetError {
  const mine = process.geteuid?.();
  if (owner === mine) return new TargetError(`Linux does not let you look into process ${pid} (${name}), although it is yours: it has more rights than you. Run the command as root: sudo npx offloop dump ${pid}`);
  return new TargetError(`Process ${pid} (${name}) belongs to ${userName(owner)}, and you are ${userInfo().username}. Run the command as that user, or as root: sudo npx offloop dump ${pid}`);
}

function userName(uid: number): string {
  try {
    return new RegExp(`^([^:]+):[^:]*:${uid}:`, "m").exec(readFileSync("/etc/passwd", "utf8"))?.[1] ?? `user ${uid}`;
  } catch {
    return `user ${uid}`;
  }
}

/** Whether the executable, or the library that it shares with others, is Node. Its name tells nothing: programs bring their own Node. */
function isNode(pid: number, executable: string): boolean {
  if (/^node(js)?[\d.-]*( \(deleted\))?$/.test(basename(executable))) return true;
  const library = /\S*libnode\.so\S*/.exec(read(pid, "maps") ?? "")?.[0];
  return library !== undefined || contains(`/proc/${pid}/exe`, MARK);
}

function contains(file: string, mark: Buffer): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const buffer = Buffer.alloc(CHUNK_BYTES + mark.length);
    let kept = 0;
    for (;;) {
      const size = readSync(fd, buffer, kept, CHUNK_BYTES, null);
      if (size === 0) return false;
      const filled = buffer.subarray(0, kept + size);
      if (filled.includes(mark)) return true;
      kept = Math.min(mark.length, filled.length);
      filled.copy(buffer, 0, filled.length - kept);
    }
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
