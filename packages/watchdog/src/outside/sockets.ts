// The TCP sockets of a process, as Linux shows them, or lsof.
import { readdirSync } from "node:fs";
import { link, read } from "./target.js";
import { hasProc, portsWithoutProc } from "./without-proc.js";

interface Socket {
  readonly port: number;
  /** The address and port of the other side. */
  readonly peer: string;
  readonly listens: boolean;
  /** Whether only this machine can reach it. */
  readonly isLocal: boolean;
  readonly inode: string;
}

/** The ports on which the process accepts connections. */
export function listeningPorts(pid: number): Set<number> {
  return new Set(listeningSockets(pid).map(({ port }) => port));
}

/** Those that only this machine can reach. */
export function localPorts(pid: number): Set<number> {
  return new Set(listeningSockets(pid).filter(({ isLocal }) => isLocal).map(({ port }) => port));
}

function listeningSockets(pid: number): Pick<Socket, "port" | "isLocal">[] {
  if (!hasProc) return [...portsWithoutProc(pid)].map(([port, isLocal]) => ({ port, isLocal }));
  const inodes = new Set(socketInodes(pid));
  return sockets(pid).filter(({ listens, inode }) => listens && inodes.has(inode));
}

/** Whether any process in the network of `pid` listens on the port. */
export function isTaken(pid: number, port: number): boolean {
  return sockets(pid).some((socket) => socket.listens && socket.port === port);
}

/** The other side of a TCP connection; `undefined`: the socket is none. */
export function peerOf(pid: number, inode: string): string | undefined {
  const socket = sockets(pid).find((each) => each.inode === inode);
  return socket === undefined ? undefined : socket.listens ? `TCP port ${socket.port}` : `TCP connection to ${socket.peer}`;
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(link(pid, `fd/${fd}`) ?? "")?.[1] ?? []);
  } catch {
    return [];
  }
}

/** The sockets of the network in which the process is. */
function sockets(pid: number): Socket[] {
  return ["net/tcp", "net/tcp6"].flatMap((file) =>
    (read(pid, file) ?? "").split("\n").slice(1).flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local, remote, state] = fields;
      if (local === undefined || remote === undefined) return [];
      return { port: portOf(local), peer: `${addressOf(remote)}:${portOf(remote)}`, listens: state === "0A", isLocal: /^(127\.|\[::1\])/.test(addressOf(local)), inode: fields[9] ?? "" };
    }),
  );
}

const portOf = (text: string): number => Number.parseInt(text.slice(text.indexOf(":") + 1), 16);

/** The kernel writes an address as 32-bit words in the order of the machine's bytes. */
function addressOf(text: string): string {
  const bytes = (text.slice(0, text.indexOf(":")).match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex").reverse()]);
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join(".");
  return `[${Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16)).join(":").replace(/(^|:)(0(:|$)){2,}/, "::")}]`;
}
