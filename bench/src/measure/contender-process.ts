// The parent's side of one contender's process.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Sample } from "../suites/suite.js";
import type { ChildSetup, FromChild, ToChild } from "./protocol.js";

const entry = fileURLToPath(new URL("./child.js", import.meta.url));

/** A contender that has not answered after this time counts as hung. The time is a guess, far above that of a round. */
const HUNG_MS = 120_000;

export class ContenderProcess {
  /** The contender's name in reports. */
  name: string;
  readonly #child: ChildProcess;

  private constructor(setup: ChildSetup, execArgv: readonly string[]) {
    this.name = setup.contender;
    this.#child = fork(entry, [JSON.stringify(setup)], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [...execArgv] });
  }

  /** Starts the process, and resolves when its pool is warmed up. */
  static async start(setup: ChildSetup, execArgv: readonly string[] = []): Promise<ContenderProcess> {
    const contender = new ContenderProcess(setup, execArgv);
    const answer = await contender.#answer().catch(async (error: unknown) => {
      await contender.close();
      throw error;
    });
    if (answer.type === "ready") contender.name = answer.name;
    return contender;
  }

  async round(): Promise<Sample> {
    const answer = this.#answer();
    this.#tell("round");
    const message = await answer;
    return message.type === "sample" ? message.sample : {};
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    this.#tell("close");
    await gone;
    clearTimeout(timer);
  }

  #tell(message: ToChild): void {
    this.#child.send(message, () => {}); // no error of send() is handled: a child that has ended emits `exit`
  }

  #answer(): Promise<FromChild> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#child.off("message", onMessage).off("exit", onExit);
        then();
      };
      const fail = (why: string): void => settle(() => reject(new Error(`${this.name}: ${why}`)));
      const onMessage = (message: FromChild): void => (message.type === "failed" ? fail(message.message) : settle(() => resolve(message)));
      const onExit = (code: number | null): void => fail(`its process exited with code ${code}`);
      const timer = setTimeout(() => (this.#child.kill("SIGKILL"), fail(`no answer in ${HUNG_MS} ms`)), HUNG_MS);
      this.#child.on("message", onMessage).on("exit", onExit);
    });
  }
}
