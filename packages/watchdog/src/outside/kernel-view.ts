// What the kernel shows of the main thread of a process that does not answer, because native code holds it: its state,
// the system call in which it waits, the file behind the call's descriptor, and its child processes.
import { closeSync, openSync, readSync } from "node:fs";
import { link, read } from "./target.js";
import { peerOf } from "./sockets.js";
import { hasProc } from "./without-proc.js";

/** The main thread, as the kernel sees it. */
export interface KernelView {
  /** `running`: it computes. `sleeping`: it waits. `waiting`: it waits, and nothing can interrupt it. */
  readonly state: "running" | "sleeping" | "waiting" | "stopped";
  /** The system call in which it waits, or the function of the kernel, if the call is not shown. */
  readonly waitsIn: string | undefined;
  /** What is behind the call's file descriptor: a path, `pipe`, or the other side of a connection. */
  readonly file: string | undefined;
  /** The processes that it has started and that have not ended. */
  readonly children: readonly { readonly pid: number; readonly command: string }[];
}

const LONGEST_PATH_BYTES = 512;

const states: Readonly<Record<string, KernelView["state"]>> = { R: "running", S: "sleeping", D: "waiting", T: "stopped", t: "stopped" };

type Names = Readonly<Record<number, string>>;

/** The calls that wait, by the numbers of each architecture. */
const calls: Readonly<Record<string, Names>> = {
  x64: {
    0: "read", 1: "write", 2: "open", 7: "poll", 16: "ioctl", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev", 23: "select", 35: "nanosleep", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom",
    46: "sendmsg", 47: "recvmsg", 61: "wait4", 72: "fcntl", 73: "flock", 74: "fsync", 75: "fdatasync", 202: "futex", 217: "getdents64", 230: "clock_nanosleep", 232: "epoll_wait", 247: "waitid", 257: "openat",
    262: "newfstatat", 270: "pselect6", 271: "ppoll", 281: "epoll_pwait", 288: "accept4", 332: "statx", 441: "epoll_pwait2",
  },
  arm64: {
    22: "epoll_pwait", 25: "fcntl", 29: "ioctl", 32: "flock", 56: "openat", 61: "getdents64", 63: "read", 64: "write", 65: "readv", 66: "writev", 67: "pread64", 68: "pwrite64", 72: "pselect6", 73: "ppoll",
    79: "newfstatat", 82: "fsync", 83: "fdatasync", 95: "waitid", 98: "futex", 101: "nanosleep", 115: "clock_nanosleep", 202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom", 211: "sendmsg", 212: "recvmsg",
    242: "accept4", 260: "wait4", 291: "statx", 441: "epoll_pwait2",
  },
};

/** The calls whose first argument is a descriptor. */
const withDescriptor = /^(p?read|p?write|readv|writev|ioctl|connect|accept4?|sendto|recvfrom|sendmsg|recvmsg|fcntl|flock|fsync|fdatasync|getdents64)/;

/** The waits of a thread that answers: the loop waits for events, and `Atomics.wait` can be interrupted. */
const answering = /^(epoll|futex|do_epoll|ep_poll)/;

/** How the kernel sees the main thread of the process now; `undefined`: there is no /proc, in which it shows that. */
export function kernelView(pid: number): KernelView | undefined {
  if (!hasProc) return undefined;
  const stat = /\) (\w)/.exec(read(pid, `task/${pid}/stat`) ?? "")?.[1] ?? "";
  const call = systemCall(pid);
  return {
    state: states[stat] ?? "sleeping",
    waitsIn: stat === "R" ? undefined : (call?.name ?? functionOfKernel(pid)),
    file: stat === "R" ? undefined : (call?.path ?? (call?.descriptor === undefined ? undefined : fileBehind(pid, call.descriptor))),
    children: (read(pid, `task/${pid}/children`) ?? "").split(" ").filter((id) => /^\d+$/.test(id)).map((id) => ({ pid: Number(id), command: commandOf(Number(id)) })),
  };
}

/** A wait of the main thread. */
export interface Wait {
  /** Equal marks at two times mean that it waited in between. */
  readonly mark: string;
  /** Whether a thread that waits so usually answers. */
  readonly answers: boolean;
}

/** The wait of the main thread; `undefined`: it does not wait now. */
export function waitOf(pid: number): Wait | undefined {
  const { state, waitsIn } = kernelView(pid) ?? {};
  if (state !== "sleeping" && state !== "waiting") return undefined;
  const switches = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(read(pid, `task/${pid}/status`) ?? "")?.[1];
  return { mark: `${waitsIn} ${switches}`, answers: waitsIn === undefined || answering.test(waitsIn) };
}

function systemCall(pid: number): { readonly name: string; readonly descriptor: number | undefined; readonly path: string | undefined } | undefined {
  const [number, first, second] = (read(pid, `task/${pid}/syscall`) ?? "").split(" ");
  if (number === undefined || !/^\d+$/.test(number)) return undefined;
  const name = calls[process.arch]?.[Number(number)] ?? `system call ${number}`;
  const path = name === "open" ? first : name === "openat" ? second : undefined;
  return { name, descriptor: withDescriptor.test(name) ? Number(first) : undefined, path: path === undefined ? undefined : textAt(pid, Number(path)) };
}

/** The text at an address of the process; `undefined`: its memory cannot be read. */
function textAt(pid: number, address: number): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/mem`, "r");
    const bytes = Buffer.alloc(LONGEST_PATH_BYTES);
    const text = bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, address));
    return text.slice(0, text.indexOf("\0"));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The kernel shows it to more users than the system call. */
function functionOfKernel(pid: number): string | undefined {
  const name = read(pid, `task/${pid}/wchan`);
  return name === undefined || name === "0" || name === "" ? undefined : name;
}

function fileBehind(pid: number, descriptor: number): string | undefined {
  const file = link(pid, `fd/${descriptor}`);
  const inode = /^socket:\[(\d+)\]$/.exec(file ?? "")?.[1];
  if (inode !== undefined) return peerOf(pid, inode) ?? "a socket";
  return file?.startsWith("pipe:") === true ? "a pipe" : file;
}

function commandOf(pid: number): string {
  return (read(pid, "cmdline") ?? "").split("\0").join(" ").trim() || (read(pid, "comm") ?? "").trim();
}
