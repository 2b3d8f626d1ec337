// A side of the comparison: a process that reads one program a line and writes one trace a line.
//
//   here ─▶ program, JSON ─▶ oracle.py | run-programs.mjs ─▶ trace, JSON ─▶ here
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const folder = import.meta.dirname;

/** CPython. */
export const oracle = (python) => new Side("CPython", python, ["-X", "utf8", join(folder, "oracle.py")]);
/** offloop. @param node the path of Node @param mains whether three mains run each program at once */
export const subject = (node = process.execPath, mains = false) => new Side("offloop", node, [join(folder, "run-programs.mjs"), ...(mains ? ["--mains"] : [])]);

class Side {
  #process;
  #answers;
  #errors = "";
  #name;

  constructor(name, command, args) {
    this.#name = name;
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, PYTHONHASHSEED: "0" } });
    this.#process.stderr.on("data", (chunk) => (this.#errors += chunk));
    this.#process.on("error", (error) => (this.#errors += error.message));
    this.#process.stdin.on("error", () => {}); // the end of the process is seen at its output
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns the traces, in order. @throws Error the process ended early; the message has its error output */
  async run(programs) {
    for (const program of programs) this.#process.stdin.write(`${JSON.stringify(program)}\n`);
    const traces = [];
    for (const program of programs) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`${this.#name} ended at program ${JSON.stringify(program)}\n${this.#errors}`);
      traces.push(JSON.parse(value));
    }
    return traces;
  }

  close() {
    this.#process.stdin.end();
    this.#process.kill();
  }
}
