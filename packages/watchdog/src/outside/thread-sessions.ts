// The inspector sessions of the worker threads of a process. They go through the main thread, which must answer.
//
//   this process ◀── WebSocket ──▶ main thread of the target ◀── NodeWorker ──▶ its worker threads
import { type InspectorClient, InspectorSession } from "./inspector-client.js";

export interface ThreadSession {
  readonly threadId: number;
  readonly title: string;
  readonly session: InspectorSession;
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly workerId: string; readonly title: string; readonly url: string };
}

/** The name that the program gave to the thread; `undefined`: it gave none. Each version of Node adds other words. */
function nameOf(title: string): string | undefined {
  const name = title.replace(/^(\[worker \d+\]|Worker \d+$) ?/, "");
  return name === "" || name === "WorkerThread" ? undefined : name;
}

/** Connects to all worker threads of the process. @returns the threads, and the function that ends their sessions */
export async function threadSessions(client: InspectorClient): Promise<{ readonly threads: readonly ThreadSession[]; detach(): Promise<void> }> {
  const sessions = new Map<string, ThreadSession>();
  client.on<Attached>("NodeWorker.attachedToWorker", ({ sessionId, workerInfo: { workerId, title, url } }) => {
    const session = new InspectorSession((message) => void client.ask("NodeWorker.sendMessageToWorker", { sessionId, message }).catch(() => {}));
    sessions.set(sessionId, { threadId: Number(/^\[worker (\d+)\]/.exec(title)?.[1] ?? workerId), title: nameOf(title) ?? url, session });
  });
  client.on<{ sessionId: string; message: string }>("NodeWorker.receivedMessageFromWorker", ({ sessionId, message }) => sessions.get(sessionId)?.session.receive(message));
  client.on<{ sessionId: string }>("NodeWorker.detachedFromWorker", ({ sessionId }) => sessions.get(sessionId)?.session.end());
  await client.ask("NodeWorker.enable", { waitForDebuggerOnStart: false });
  return { threads: [...sessions.values()].sort((a, b) => a.threadId - b.threadId), detach: () => client.ask("NodeWorker.disable") };
}
