// A child process with requests and answers: each request waits for one kind of answer. If the child ends before
// it answers, the request rejects with the child's standard error.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";

const keptErrorCharacters = 4_000;
const graceMs = 10_000;

export class Child<To extends object, From extends { readonly kind: string }> implements AsyncDisposable {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #waiting: { readonly kind: string; readonly resolve: (message: never) => void } | undefined;
  #errorOutput = "";

  constructor(name: string, module: string, args: readonly string[] = []) {
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(module, import.meta.url)), args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-keptErrorCharacters);
    });
    this.#process.on("message", (message: From) => {
      if (message.kind === this.#waiting?.kind) this.#waiting.resolve(message as never);
    });
    // The event "close" does not occur if this side disconnected, so "exit" is used.
    this.#ended = Promise.all([once(this.#process, "exit"), finished(this.#process.stderr!)]);
  }

  /** Sends a request and waits for an answer of this kind. One request at a time. */
  async ask<Kind extends From["kind"]>(question: To, kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    this.#process.send(question, () => {}); // if the child has ended, `hear` throws
    return this.hear(kind);
  }

  /** Waits for the next message of this kind. */
  async hear<Kind extends From["kind"]>(kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    const answer = new Promise<Extract<From, { kind: Kind }>>((resolve) => (this.#waiting = { kind, resolve }));
    const ended = this.#ended.then(() => {
      const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`;
      throw new Error(`The ${this.#name} ended early (${how}).\n${this.#errorOutput}`.trimEnd());
    });
    return Promise.race([answer, ended]);
  }

  /** Disconnects from the child, which then ends by itself. @throws Error the child does not end */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      this.#process.kill("SIGKILL");
    }, graceMs);
    await this.#ended;
    clearTimeout(timer);
    if (overdue) throw new Error(`The ${this.#name} did not end within ${graceMs / 1000} s after it was disconnected. Look for a timer or socket that it left open.`);
  }
}
