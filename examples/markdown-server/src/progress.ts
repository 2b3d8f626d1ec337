// Prints the current step to standard error: redrawn in place on a terminal, otherwise line by line. Standard
// output has only results.

const redrawMs = 250;

export class Progress {
  #timer: NodeJS.Timeout | undefined;
  #last = "";
  readonly #output: NodeJS.WriteStream;

  constructor(output: NodeJS.WriteStream = process.stderr) {
    this.#output = output;
  }

  /** A step begins, and the one before it has ended. @param ms the expected duration, if it is known */
  step(text: string, ms?: number): void {
    this.#stopTimer();
    if (!this.#output.isTTY) {
      if (text !== this.#last) this.#output.write(`${text}${ms ? ` (${ms / 1000} s)` : ""}\n`);
      this.#last = text;
      return;
    }
    this.#draw(text);
    if (!ms) return;
    const until = performance.now() + ms;
    this.#draw(`${text} ${secondsUntil(until)}`);
    this.#timer = setInterval(() => this.#draw(`${text} ${secondsUntil(until)}`), redrawMs);
  }

  /** All steps have ended. Clears the line on a terminal. */
  done(): void {
    this.#stopTimer();
    if (this.#output.isTTY) this.#output.write("\r\u001b[2K");
  }

  #draw(text: string): void {
    this.#output.write(`\r\u001b[2K${text.slice(0, (this.#output.columns || 80) - 1)}`);
  }

  #stopTimer(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function secondsUntil(time: number): string {
  return `${Math.max(0, Math.ceil((time - performance.now()) / 1000))} s`;
}
