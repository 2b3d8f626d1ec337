// Progress bars: redrawn in place on a terminal; otherwise one line when a download ends.

const barWidth = 24;
const redrawMs = 100;

export class Bars implements Disposable {
  readonly #states = new Map<string, { share: number; end: string | undefined }>();
  readonly #output: NodeJS.WriteStream;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor(output: NodeJS.WriteStream = process.stderr) {
    this.#output = output;
    if (output.isTTY) this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  progress(name: string, share: number): void {
    this.#states.set(name, { share, end: undefined });
  }

  end(name: string, how: string): void {
    this.#states.set(name, { share: this.#states.get(name)?.share ?? 0, end: how });
    if (!this.#output.isTTY) this.#output.write(`${name}: ${how}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#timer) this.#draw();
    clearInterval(this.#timer);
  }

  #draw(): void {
    const lines = [...this.#states].map(([name, { share, end }]) => {
      const filled = Math.round(share * barWidth);
      return `\u001b[2K${name.padEnd(20)} ${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${end ?? `${Math.round(share * 100)} %`}\n`;
    });
    this.#output.write((this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "") + lines.join(""));
    this.#drawn = lines.length;
  }
}
