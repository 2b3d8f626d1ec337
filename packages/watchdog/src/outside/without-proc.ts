// Facts about a process where there is no /proc: on macOS, and on Linux where it is hidden. `ps` and `lsof` tell what they can. What
// neither tells is asked of the process itself, once its inspector is open.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { TargetError } from "./target-error.js";

/** Whether this system shows processes below /proc. */
export const hasProc = existsSync("/proc/self/stat");

/** Whether the ports of a process can be read: by /proc, or by lsof. */
export const showsPorts = hasProc || (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, "lsof")));

/** Milliseconds for a tool to answer. `lsof` can wait for a file system that is gone. */
const TOOL_MS = 5_000;

/** A process, as far as it is known. See `Target`. */
interface Found {
  readonly pid: number;
  readonly startTicks: undefined;
  readonly argv: readonly string[];
}

/** @throws TargetError the process cannot be looked into */
export function findWithoutProc(pid: number): Found {
  const presence = presenceOf(pid);
  if (presence === "none") throw new TargetError(`There is no process ${pid} here. A container numbers its processes by itself: run the command in the container, or give the id that \`ps\` shows here.`);
  if (presence === "foreign") throw new TargetError(`Process ${pid} belongs to another user. Run the command as that user, or as root: sudo npx offloop dump ${pid}`);
  const [state = "", command] = facts(pid) ?? [];
  if (state.startsWith("Z")) throw new TargetError(`Process ${pid} has ended, and its parent has not collected its exit status.`);
  if (state.startsWith("T")) throw new TargetError(`Process ${pid} is stopped by a signal or a debugger. Let it go on first: kill -CONT ${pid}`);
  const argv = command?.split(/\s+/) ?? [];
  if (argv[0] !== undefined && !/^node(js)?[\d.-]*$/.test(basename(argv[0]))) throw new TargetError(`Process ${pid} is no Node.js: it runs ${argv[0]}. If it started one, give the id of that process.`);
  return { pid, startTicks: undefined, argv };
}

/** Makes the process open its inspector. @throws TargetError it would not, or nobody knows what the signal would do to it */
export function signalWithoutProc({ pid, argv }: Pick<Found, "pid" | "argv">): void {
  if (argv.length === 0) {
    throw new TargetError(`Nothing here tells whether process ${pid} is Node.js: /proc is not there, and \`ps\` does not show it. SIGUSR1, which opens the inspector of Node.js, would end another program. Start the program with --inspect, or mount /proc.`);
  }
  if (argv.includes("--disable-sigusr1") || argv.includes("--permission")) throw new TargetError(`Process ${pid} does not open its inspector when it is asked to by SIGUSR1: it was started with --disable-sigusr1 or --permission.`);
  process.kill(pid, "SIGUSR1");
}

/** Whether a process of this user has this id. */
export function isAliveWithoutProc(pid: number): boolean {
  return presenceOf(pid) === "own";
}

/** The ports on which the process listens, as `lsof` shows them, and whether only this machine can reach each. */
export function portsWithoutProc(pid: number): Map<number, boolean> {
  if (!showsPorts) return new Map();
  const text = run("lsof", "-nP", "-a", "-p", String(pid), "-iTCP", "-sTCP:LISTEN", "-Fn");
  const ports = [...(text ?? "").matchAll(/^n(.*):(\d+)$/gm)].map(([, host, port]) => [Number(port), /^(127\.|\[::1\]|localhost$)/.test(host!)] as const);
  return new Map(ports);
}

/** The state and the command line of a process. */
function facts(pid: number): [state: string, command: string] | undefined {
  const [, state, command] = /^\s*(\S+)\s+(.+?)\s*$/m.exec(run("ps", "-ww", "-o", "stat=,command=", "-p", String(pid)) ?? "") ?? [];
  return state === undefined ? undefined : [state, command!];
}

function presenceOf(pid: number): "own" | "foreign" | "none" {
  try {
    process.kill(pid, 0);
    return "own";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "foreign" : "none";
  }
}

/** What a tool prints; `undefined`: it is not here, or has failed. */
function run(tool: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync(tool, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: TOOL_MS });
  } catch {
    return undefined;
  }
}
