// A client of TypeScript 7's language server, `tsc --lsp --stdio`: sends requests as JSON-RPC, and reads answers.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const compiler = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc");

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class LanguageServer {
  readonly #server: ChildProcess;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #received = Buffer.alloc(0);
  #requests = 0;

  /** @param folder its `tsconfig.json` counts */
  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    const root = pathToFileURL(folder).href;
    await server.request("initialize", { processId: process.pid, rootUri: root, workspaceFolders: [{ uri: root, name: "tests" }], capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } } } });
    server.notify("initialized", {});
    return server;
  }

  private constructor(folder: string) {
    this.#server = spawn(process.execPath, [compiler, "--lsp", "--stdio"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    this.#server.stdout!.on("data", (bytes: Buffer) => this.#read(bytes));
    this.#server.once("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the language server ended with code ${code}`));
    });
  }

  request<T>(method: string, params: unknown): Promise<T> {
    const id = (this.#requests += 1);
    this.#send({ id, method, params });
    return new Promise<T>((resolve, reject) => this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject }));
  }

  notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  stop(): void {
    this.#server.kill();
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#server.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const start = end + 4;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))![1]);
      if (this.#received.length < start + length) return;
      const message = JSON.parse(this.#received.toString("utf8", start, start + length)) as Answer;
      this.#received = this.#received.subarray(start + length);
      this.#take(message);
    }
  }

  #take({ id, method, result, error }: Answer): void {
    if (id === undefined) return;
    // A request of the server, such as one for the client's settings.
    if (method !== undefined) return this.#send({ id, result: null });
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}
