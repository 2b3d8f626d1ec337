// A child process that is spoken to in questions and answers: each question waits for one kind of answer.
// A child that ends before it answers rejects the question with what it wrote to standard error.
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
    // Not the event "close": it never comes when it was this side that disconnected.
    this.#ended = Promise.all([once(this.#process, "exit"), finished(this.#process.stderr!)]);
  }

  /** Sends a question and waits for the answer of that kind. One question at a time. */
  async ask<Kind extends From["kind"]>(question: To, kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    this.#process.send(question, () => {}); // where the child is gone, `hear` says so
    return this.hear(kind);
  }

  /** Waits for the next message of that kind. */
  async hear<Kind extends From["kind"]>(kind: Kind): Promise<Extract<From, { kind: Kind }>> {
    const answer = new Promise<Extract<From, { kind: Kind }>>((resolve) => (this.#waiting = { kind, resolve }));
    const ended = this.#ended.then(() => {
      const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`;
      throw new Error(`The ${this.#name} ended early (${how}).\n${this.#errorOutput}`.trimEnd());
    });
    return Promise.race([answer, ended]);
  }

  /** Lets go of the child, which ends by itself; one that does not is a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      this.#process.kill("SIGKILL");
    }, graceMs);
    await this.#ended;
    clearTimeout(timer);
    if (overdue) throw new Error(`The ${this.#name} did not end within ${graceMs / 1000} s of being let go.`);
  }
}
