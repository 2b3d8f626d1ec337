// The delay of the event loop over time, on a logarithmic scale, with each stall as a button on it.
import type { LiveStall } from "../protocol/live.js";
import { byId, clock, color, duration, el, setText, surface } from "./dom.js";
import type { Model, Span } from "./model.js";

const LEFT = 50;
const RIGHT = 8;
const BOTTOM = 20;
const TOP = 8;

/** The lowest value of the scale. A shorter delay is the jitter of the timers. */
const LEAST_MS = 1;

/** If no delay is known for so long, the loop was held or idle, and the line is interrupted. */
const GAP_MS = 1_000;

export class DelayChart {
  readonly #canvas = byId("delay").querySelector("canvas")!;
  readonly #marks = byId("delay").querySelector<HTMLElement>(".marks")!;
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #chosen: (id: number) => void;

  /** @param chosen called with the id of the stall whose button was pressed */
  constructor(chosen: (id: number) => void) {
    this.#chosen = chosen;
  }

  draw(model: Model, { from, until }: Span): void {
    const { context, width, height } = surface(this.#canvas);
    const running = model.last?.running;
    const stalls = [...model.stalls, ...(running === undefined ? [] : [{ ...running, durationMs: until - running.startedAt }])].filter((stall) => stall.startedAt + stall.durationMs > from && stall.startedAt < until);
    const threshold = model.last?.thresholdMs ?? 100;
    const delays = model.delays.filter(([at]) => at >= from && at <= until);
    const top = Math.max(10 * threshold, ...delays.map(([, delayMs]) => delayMs), ...stalls.map(({ durationMs }) => durationMs)) * 1.2;
    const x = (time: number): number => LEFT + ((time - from) / (until - from)) * (width - LEFT - RIGHT);
    const y = (delayMs: number): number => TOP + (height - TOP - BOTTOM) * (1 - Math.log(Math.max(LEAST_MS, delayMs) / LEAST_MS) / Math.log(top / LEAST_MS));
    drawScale(context, width, y, top);
    drawTimes(context, width, height, { from, until }, x);
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, width - LEFT - RIGHT, height - BOTTOM + 1);
    context.clip();
    context.strokeStyle = color("--hot");
    context.setLineDash([4, 4]);
    line(context, LEFT, y(threshold), width - RIGHT, y(threshold));
    context.setLineDash([]);
    drawDelays(context, delays, threshold, x, y, height - BOTTOM);
    context.restore();
    this.#place(stalls, model, x, y, width, height);
    const longest = Math.max(0, ...delays.map(([, delayMs]) => delayMs));
    const label = `Delay of the event loop over the last ${Math.round((until - from) / 60_000)} minutes: longest ${duration(longest)}, ${stalls.length} stalls`;
    if (this.#canvas.getAttribute("aria-label") !== label) this.#canvas.setAttribute("aria-label", label);
  }

  /** Puts a button over each stall. A button stays the same element, so that it keeps the focus. */
  #place(stalls: readonly LiveStall[], model: Model, x: (time: number) => number, y: (delayMs: number) => number, width: number, height: number): void {
    const shown = new Set<number>();
    for (const stall of stalls) {
      shown.add(stall.id);
      let button = this.#buttons.get(stall.id);
      if (button === undefined) {
        button = el("button", { type: "button", class: `mark ${stall.kind}` }, el("span", { "aria-hidden": "true" }));
        button.addEventListener("click", () => this.#chosen(stall.id));
        this.#buttons.set(stall.id, button);
        this.#marks.append(button);
      }
      const isRunning = model.last?.running?.id === stall.id;
      const label = isRunning ? `The stall that lasts: ${stall.where}, since ${clock(stall.startedAt)}` : `Stall of ${duration(stall.durationMs)}: ${stall.where}, at ${clock(stall.startedAt)}`;
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
      button.title = label;
      button.classList.toggle("running", isRunning);
      const left = Math.max(LEFT, x(stall.startedAt));
      const right = Math.min(width - RIGHT, Math.max(left + 3, x(stall.startedAt + stall.durationMs)));
      const topOf = y(stall.durationMs);
      button.style.left = `${left}px`;
      button.style.width = `${right - left}px`;
      button.style.top = `${topOf}px`;
      button.style.height = `${height - BOTTOM - topOf}px`;
      setText(button.firstElementChild as HTMLElement, right - left > 36 ? duration(stall.durationMs) : "");
    }
    for (const [id, button] of this.#buttons) {
      if (shown.has(id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
  }
}

function drawScale(context: CanvasRenderingContext2D, width: number, y: (delayMs: number) => number, top: number): void {
  context.strokeStyle = color("--line");
  context.fillStyle = color("--dim");
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let decade = LEAST_MS; decade <= top; decade *= 10) {
    line(context, LEFT, y(decade), width - RIGHT, y(decade));
    context.fillText(decade >= 1_000 ? `${decade / 1_000} s` : `${decade} ms`, LEFT - 6, y(decade));
  }
}

/** Draws the times below the chart. */
function drawTimes(context: CanvasRenderingContext2D, width: number, height: number, { from, until }: Span, x: (time: number) => number): void {
  const most = Math.max(2, Math.floor((width - LEFT) / 90));
  const step = [5, 10, 15, 30, 60, 120].find((seconds) => (until - from) / (seconds * 1_000) <= most) ?? 120;
  context.fillStyle = color("--dim");
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (let time = Math.ceil(from / (step * 1_000)) * step * 1_000; time < until; time += step * 1_000) {
    if (x(time) < LEFT + 20 || x(time) > width - RIGHT - 20) continue;
    context.fillText(clock(time), x(time), height - 2);
  }
}

function drawDelays(context: CanvasRenderingContext2D, delays: Model["delays"], threshold: number, x: (time: number) => number, y: (delayMs: number) => number, bottom: number): void {
  const gradient = context.createLinearGradient(0, y(threshold), 0, bottom);
  gradient.addColorStop(0, color("--blue-strong"));
  gradient.addColorStop(1, color("--blue-weak"));
  context.fillStyle = gradient;
  context.strokeStyle = color("--blue");
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  for (const piece of pieces(delays, threshold)) {
    context.beginPath();
    for (const [at, delayMs] of piece) context.lineTo(x(at), y(delayMs));
    context.stroke();
    context.lineTo(x(piece.at(-1)![0]), bottom);
    context.lineTo(x(piece[0]![0]), bottom);
    context.fill();
  }
  context.lineWidth = 1;
}

/** The line between stalls and rests. A delay above the threshold is a stall, which has a bar of its own. */
function pieces(delays: Model["delays"], threshold: number): Model["delays"][] {
  const all: Model["delays"][] = [];
  let last: number | undefined;
  for (const point of delays) {
    const isStall = point[1] > threshold;
    if (!isStall) {
      if (last === undefined || point[0] - last > GAP_MS) all.push([]);
      all.at(-1)!.push(point);
    }
    last = isStall ? undefined : point[0];
  }
  return all;
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, Math.round(y1) + 0.5);
  context.lineTo(x2, Math.round(y2) + 0.5);
  context.stroke();
}
