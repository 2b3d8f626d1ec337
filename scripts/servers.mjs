// Starts `redis-server` and `nats-server`, of Debian's packages, for tests and examples. Each server has a port and a temporary folder of its
// own. It ends with `stop()`, or with this process, however this process ends.
//
//   this process ── pipe ──▶ sh, which kills the server when the pipe closes ──▶ redis-server
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

/** Starts the server `"$@"`, prints its process id, kills it at the end of the input, and ends with its exit code. */
const guarded = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; echo "$server"; (cat <&3 >/dev/null; kill -9 "$server" 2>/dev/null) >/dev/null 2>&1 & guard=$!; wait "$server"; status=$?; kill "$guard" 2>/dev/null; exit "$status"';

/** Milliseconds in which a server must accept a connection. A guess that leaves a busy machine room. */
const START_TIMEOUT_MS = 20_000;

/** A server that `startServer` has started. */
class Server {
  #options;
  #running;
  /** The port on 127.0.0.1. */
  port;
  /** The folder with the server's data. */
  folder;
  /** The process id of the server. */
  pid;

  constructor(options, folder) {
    this.#options = options;
    this.folder = folder;
  }

  get url() {
    return `${this.#options.scheme}://127.0.0.1:${this.port}`;
  }

  /** Starts the server on a free port. */
  async start() {
    for (let attempt = 1; ; attempt += 1) {
      this.port = await freePort();
      try {
        return await this.#launch();
      } catch (error) {
        // Another process may have taken the free port meanwhile.
        if (attempt === 5 || !/in use/i.test(error.message)) throw error;
      }
    }
  }

  async #launch() {
    const { command, args } = this.#options;
    const child = spawn("sh", ["-c", guarded, "sh", command, ...args(this.port, this.folder)], { cwd: this.folder, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    const started = new Promise((resolve) => child.stdout.once("data", (data) => resolve(Number.parseInt(data, 10))));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-4_000)));
    child.stdin.on("error", () => {});
    const running = { child, exited: new Promise((resolve) => child.once("exit", resolve)), over: false };
    void running.exited.then(() => (running.over = true));
    child.once("error", () => {});
    // The program may end while the server runs: the guard then ends the server.
    for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
    this.#running = running;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(this.port))) {
      if (running.over) throw new Error(`${command} ended at its start. Is it installed (apt-get install ${command})? It printed:\n${output}`);
      if (Date.now() > deadline) throw new Error(`${command} does not answer on port ${this.port} after ${START_TIMEOUT_MS} ms. It printed:\n${output}`);
      await after(10);
    }
    if (running.over) throw new Error(`${command}: port ${this.port} is in use. It printed:\n${output}`);
    this.pid = await started;
  }

  /** Kills the server with SIGKILL, as a lost machine does. Its data stay. */
  async kill() {
    const { child, exited, over } = this.#running;
    if (!over) child.ref();
    child.stdin.destroy();
    await exited;
  }

  /** Kills the server, and starts it again with its data on the same port. */
  async restart() {
    await this.kill();
    await this.#launch();
  }

  /** Ends the server and removes its data. */
  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose")]() {
    return this.stop();
  }
}

async function startServer(options) {
  const server = new Server(options, mkdtempSync(join(tmpdir(), `offloop-${options.command}-`)));
  process.once("exit", () => rmSync(server.folder, { recursive: true, force: true }));
  await server.start();
  return server;
}

/** Starts `redis-server`. @param args further arguments, such as `["--appendonly", "yes"]` */
export function startRedis(args = []) {
  return startServer({
    command: "redis-server",
    scheme: "redis",
    args: (port, folder) => ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--maxmemory-policy", "noeviction", ...args],
  });
}

/** Starts `nats-server` with JetStream. @param args further arguments, such as `["--user", "offloop"]` */
export function startNats(args = []) {
  return startServer({
    command: "nats-server",
    scheme: "nats",
    args: (port, folder) => ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", folder, ...args],
  });
}

/** A port on which nothing listens now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Whether a server answers on this port: Redis answers PING, and NATS speaks first. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answered) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    // While Redis loads its data it answers -LOADING.
    socket.once("data", (data) => done(!data.toString().startsWith("-LOADING")));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}
