// Opens the inspector of a process, or finds it open, and connects to it.
//
//   its local sockets ── one answers as an inspector ──▶ used as it is, and left open
//        └── none ── SIGUSR1 ──▶ a new socket ──▶ used, and closed again by inspector.close() in the process
//                        └── native code holds the process, and no socket opens ──▶ close-later.ts waits for it
import { spawn } from "node:child_process";
import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { closeExpression, pidExpression } from "./expressions.js";
import { InspectorClient } from "./inspector-client.js";
import { type Wait, waitOf } from "./kernel-view.js";
import { isTaken, listeningPorts, localPorts } from "./sockets.js";
import { askForInspector, isAlive, read, type Target } from "./target.js";
import { TargetError } from "./target-error.js";
import { showsPorts } from "./without-proc.js";

const DEFAULT_PORT = 9229;

/** Milliseconds between two looks whether the inspector is open. It opens after some 30 ms. */
const LOOK_MS = 10;

/** Milliseconds for which the main thread must have waited in native code until it counts as held there. A guess. */
const NATIVE_MS = 150;

/** The same for a wait that usually ends when the inspector is asked for. A program that runs a child process by `execSync` does not answer from it. */
const SILENT_MS = 1_000;

/** Milliseconds until a process that does not wait counts as held in native code. A busy machine is given that time. */
const OPEN_MS = 5_000;

/** Milliseconds for a socket to answer as an inspector. Its own thread does that, also while the process is held. */
const PROBE_MS = 500;

/** Milliseconds for the process to close its inspector. It does so later if it is held in native code meanwhile. */
const CLOSE_MS = 1_000;

/** The connection to the inspector of a process. */
export interface OpenInspector {
  readonly client: InspectorClient;
  /** Whether this command has opened the inspector, and closes it. */
  readonly opened: boolean;
  close(): Promise<void>;
}

/**
 * @param cancelled fires when the command is interrupted
 * @returns `undefined`: native code holds the process, which does not answer
 * @throws TargetError the process has ended, or its inspector cannot be opened
 */
export async function openInspector(target: Target, cancelled: AbortSignal): Promise<OpenInspector | undefined> {
  const { pid } = target;
  const before = listeningPorts(pid);
  const own = portsOf([...nodeOptionsOf(pid), ...target.argv]);
  const found = await connectToFirst(new Set([...own.filter((port) => before.has(port) || !showsPorts), ...localPorts(pid)]), pid);
  if (found !== undefined) return leftOpen(found);
  if (await waitsInNativeCode(target)) return undefined;
  const wanted = own[0]!;
  if (wanted !== 0 && !before.has(wanted) && isTaken(pid, wanted)) {
    throw new TargetError(`The inspector of process ${pid} would open on port ${wanted}, and another process listens there. End that one, or start the program with another port: node --inspect-port=0`);
  }
  askForInspector(target);
  const client = await untilOpen(target, before, cancelled);
  if (client !== undefined) return { client, opened: true, close: () => closeInspector(client) };
  const elsewhere = await connectToFirst(before, pid); // the program had opened it to other machines
  if (elsewhere !== undefined) return leftOpen(elsewhere);
  if (isAlive(target)) closeLater(target, before);
  return undefined;
}

/** Waits, in a process of its own, until the inspector that this command has asked for opens, and closes it. */
function closeLater({ pid, startTicks }: Target, before: ReadonlySet<number>): void {
  const module = new URL("./close-later.js", import.meta.url).href;
  const program = `import(${JSON.stringify(module)}).then(({ closeWhenOpen }) => closeWhenOpen(${pid}, ${JSON.stringify(startTicks)}, ${JSON.stringify([...before])}))`;
  spawn(process.execPath, ["--input-type=module", "--eval", program], { detached: true, stdio: "ignore", env: {}, cwd: "/" }).unref();
}

/** Ends the session and the inspector. The process does it in its order, so nothing of the session is left then. */
export async function closeInspector(client: InspectorClient): Promise<void> {
  const closing = client.ask("Runtime.evaluate", { expression: closeExpression, includeCommandLineAPI: true }, CLOSE_MS).catch(() => {});
  await Promise.race([closing, client.closed]);
  client.close();
}

function leftOpen(client: InspectorClient): OpenInspector {
  const close = async (): Promise<void> => client.close();
  return { client, opened: false, close };
}

async function untilOpen(target: Target, before: ReadonlySet<number>, cancelled: AbortSignal): Promise<InspectorClient | undefined> {
  const since = performance.now();
  let waiting: (Wait & { readonly since: number }) | undefined;
  while (performance.now() - since < OPEN_MS && isAlive(target) && !cancelled.aborted) {
    await pause(LOOK_MS);
    const ports = showsPorts ? [...listeningPorts(target.pid)].filter((port) => !before.has(port)) : portsOf(target.argv);
    const client = await connectToFirst(ports, target.pid);
    if (client !== undefined) return client;
    // Another command has closed the inspector meanwhile. The first signal had no effect while it was open.
    if (ports.length > 0 && listeningPorts(target.pid).size <= before.size) askForInspector(target);
    const wait = waitOf(target.pid);
    if (wait === undefined) waiting = undefined;
    else if (waiting?.mark !== wait.mark) waiting = { ...wait, since: performance.now() };
    else if (performance.now() - waiting.since > (wait.answers ? SILENT_MS : NATIVE_MS)) return undefined;
  }
  return undefined;
}

/** Whether the main thread stays in a wait from which it cannot answer. It is not asked then. */
async function waitsInNativeCode({ pid }: Target): Promise<boolean> {
  const wait = waitOf(pid);
  if (wait === undefined || wait.answers) return false;
  for (const until = performance.now() + NATIVE_MS; performance.now() < until; await pause(LOOK_MS)) if (waitOf(pid)?.mark !== wait.mark) return false;
  return true;
}

/** Connects to the first of the ports that is an inspector's. */
export async function connectToFirst(ports: Iterable<number>, pid: number): Promise<InspectorClient | undefined> {
  for (const port of ports) {
    const path = await inspectorPath(port);
    if (path === undefined || (showsPorts && !listeningPorts(pid).has(port))) continue;
    let client: InspectorClient | undefined;
    try {
      client = await InspectorClient.connect(port, path);
      // Without these, the process itself must tell whose port it is.
      if (showsPorts || (await client.evaluate<number>(pidExpression, CLOSE_MS)) === pid) return client;
    } catch {
      // It has closed meanwhile.
    }
    client?.close();
  }
  return undefined;
}

/** The options that the process took from its environment. */
function nodeOptionsOf(pid: number): string[] {
  const variable = (read(pid, "environ") ?? "").split("\0").find((each) => each.startsWith("NODE_OPTIONS="));
  return variable?.slice("NODE_OPTIONS=".length).split(/\s+/) ?? [];
}

/** The ports on which the process would open its inspector, the likeliest first. */
function portsOf(argv: readonly string[]): number[] {
  const given = argv.flatMap((argument) => /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(?:.*:)?(\d+)$/.exec(argument)?.[1] ?? []);
  return [...given.map(Number).reverse(), DEFAULT_PORT];
}

/** The path of the inspector's WebSocket; `undefined`: what listens on the port is no inspector of Node. */
function inspectorPath(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/json/list", agent: false, timeout: PROBE_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.length > 10_000) request.destroy();
      });
      response.on("end", () => resolve(pathIn(text)));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}

function pathIn(text: string): string | undefined {
  try {
    const [first] = JSON.parse(text) as { readonly type?: string; readonly webSocketDebuggerUrl?: string }[];
    return first?.type === "node" && first.webSocketDebuggerUrl !== undefined ? new URL(first.webSocketDebuggerUrl).pathname : undefined;
  } catch {
    return undefined;
  }
}

