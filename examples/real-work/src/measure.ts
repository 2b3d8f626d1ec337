// Measures one server: its heavy route is kept busy, while light requests come at a steady rate and a WebSocket listens.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import type { Listening, Plan } from "./messages.js";
import { workloads } from "./workloads.js";

const LIGHT_EVERY_MS = 10;

export interface Measurement {
  /** The answer of each different request. */
  readonly answers: readonly string[];
  readonly progressLines: number;
  /** Milliseconds from sending a light request to its answer, sorted. */
  readonly lightMs: readonly number[];
  /** Milliseconds between two broadcasts, sorted. The server sends one every 20 ms. */
  readonly broadcastMs: readonly number[];
  readonly heavyPerSecond: number;
}

/** @param seconds how long the requests are made; longer if not each different request was made once */
export async function measure(plan: Plan, seconds: number): Promise<Measurement> {
  const { requests, clients } = workloads[plan.workload]!;
  const child = fork(fileURLToPath(new URL("./server.js", import.meta.url)), { execArgv: ["--enable-source-maps"] });
  try {
    child.send(plan);
    const [{ port }] = (await once(child, "message")) as [Listening];
    const url = `http://127.0.0.1:${port}`;

    const lightMs: number[] = [];
    const light = new Agent({ keepAlive: true });
    const pending: Promise<void>[] = [];
    const askLight = async (): Promise<void> => {
      const start = performance.now();
      await fetchText(`${url}/light`, light);
      lightMs.push(performance.now() - start);
    };
    const broadcastMs: number[] = [];
    const socket = new WebSocket(url.replace("http", "ws"));
    await once(socket, "open");
    let last = performance.now();
    socket.on("message", () => {
      const now = performance.now();
      broadcastMs.push(now - last);
      last = now;
    });

    const start = performance.now();
    const bodies = new Map<number, string>();
    let answered = 0;
    const timer = setInterval(() => pending.push(askLight()), LIGHT_EVERY_MS);
    const client = async (first: number): Promise<void> => {
      for (let n = first; n < requests || performance.now() - start < seconds * 1_000; n += clients) {
        bodies.set(n % requests, await fetchText(`${url}/heavy/${n % requests}`));
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, first) => client(first)));
    const took = (performance.now() - start) / 1_000;
    clearInterval(timer);
    await Promise.all(pending);
    socket.terminate();
    light.destroy();
    const lines = Array.from({ length: requests }, (_, n) => bodies.get(n)!.split("\n"));
    return {
      answers: lines.map((each) => each.at(-1)!),
      progressLines: lines.flat().length - lines.length,
      lightMs: lightMs.sort((a, b) => a - b),
      broadcastMs: broadcastMs.sort((a, b) => a - b),
      heavyPerSecond: answered / took,
    };
  } finally {
    child.kill();
  }
}

/**
 * Starts a request and breaks it off at its first progress.
 * @returns milliseconds from then until no call runs on a thread
 */
export async function breakOff(plan: Plan): Promise<number> {
  const child = fork(fileURLToPath(new URL("./server.js", import.meta.url)));
  try {
    child.send(plan);
    const [{ port }] = (await once(child, "message")) as [Listening];
    const url = `http://127.0.0.1:${port}`;
    const request = get(`${url}/heavy/0`);
    const [response] = (await once(request, "response")) as [NodeJS.ReadableStream];
    await once(response, "data");
    if ((await fetchText(`${url}/running`)) !== "1") throw new Error("The import does not run on a thread.");
    request.on("error", () => {});
    request.destroy();
    const start = performance.now();
    while ((await fetchText(`${url}/running`)) !== "0") await pause(5);
    return performance.now() - start;
  } finally {
    child.kill();
  }
}

function fetchText(url: string, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, agent === undefined ? {} : { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.once("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`GET ${url} answered ${response.statusCode}: ${text}`))));
      response.once("error", reject);
    });
    request.once("error", reject);
  });
}
