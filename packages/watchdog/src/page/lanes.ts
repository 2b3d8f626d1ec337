// The workers as a stream of calls over time: a row for each worker, a bar for each call, gaps while it was idle.
import type { LiveStall } from "../protocol/live.js";
import type { CallSpan } from "../protocol/sample.js";
import { byId, clock, color, duration, el, fillTable, setText, surface } from "./dom.js";
import type { Lane, Model, Span } from "./model.js";

const ROW = 22;
const MOST_ROWS = 24;

/** A sample that is older tells nothing of the present: the loop is held. */
const OLD_MS = 1_500;

interface Row {
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  readonly name: HTMLElement;
  readonly doing: HTMLElement;
  lane: Lane;
}

export class Lanes {
  readonly #rows = new Map<string, Row>();
  readonly #show: (title: string, body: Node) => void;
  readonly #list = byId("lanes");
  #legend = "";

  /** @param show opens a dialog */
  constructor(show: (title: string, body: Node) => void) {
    this.#show = show;
  }

  draw(model: Model, span: Span): void {
    const lanes = [...model.lanes].sort(([, a], [, b]) => (a.executor < b.executor ? -1 : a.executor > b.executor ? 1 : a.worker - b.worker));
    const shown = lanes.slice(0, MOST_ROWS);
    const stalls = model.stalls.filter(({ startedAt, durationMs }) => startedAt + durationMs > span.from);
    for (const [key, lane] of shown) this.#drawRow(this.#rowOf(key, lane), model, stalls, span);
    for (const [key, { button }] of this.#rows) {
      if (shown.some(([each]) => each === key)) continue;
      button.remove();
      this.#rows.delete(key);
    }
    setText(byId("workers-hint"), hint(model, lanes.length));
    this.#drawLegend(model);
  }

  #rowOf(key: string, lane: Lane): Row {
    let row = this.#rows.get(key);
    if (row === undefined) {
      const [name, doing, canvas] = [el("b"), el("span", { class: "dim" }), el("canvas", { "aria-hidden": "true" })];
      const button = el("button", { type: "button", class: "lane" }, el("span", { class: "lane-name" }, name, doing), canvas);
      this.#rows.set(key, (row = { button, canvas, name, doing, lane }));
      const made = row;
      button.addEventListener("click", () => this.#show(`${made.lane.executor} worker ${made.lane.worker}: its last calls`, callTable(made.lane)));
      canvas.style.height = `${ROW}px`;
      const next = [...this.#rows.keys()].sort().find((each) => each > key && this.#rows.get(each)!.button.isConnected);
      this.#list.insertBefore(button, next === undefined ? null : this.#rows.get(next)!.button);
    }
    row.lane = lane;
    return row;
  }

  #drawRow({ button, canvas, name, doing, lane }: Row, model: Model, stalls: readonly LiveStall[], { from, until }: Span): void {
    const { context, width, height } = surface(canvas);
    const x = (time: number): number => Math.max(0, ((time - from) / (until - from)) * width);
    const bar = (call: string, start: number, end: number): void => {
      const left = x(start);
      context.fillStyle = color(`--c${model.colorOf(call)}`);
      context.fillRect(left, 3, Math.max(1, x(end) - left - 0.5), height - 6);
    };
    context.fillStyle = color("--track");
    context.fillRect(0, 3, width, height - 6);
    let busyMs = 0;
    for (const { name: call, startedAt, runMs } of lane.spans) {
      if (startedAt + runMs < from || startedAt > until) continue;
      busyMs += Math.min(until, startedAt + runMs) - Math.max(from, startedAt);
      bar(call, startedAt, Math.min(until, startedAt + runMs));
    }
    const seenAt = model.sample?.at ?? until;
    const isOld = until - seenAt > OLD_MS;
    if (lane.running !== undefined) {
      bar(lane.running.name, lane.running.since, isOld ? seenAt : until);
      busyMs += (isOld ? seenAt : until) - Math.max(from, lane.running.since);
    }
    // Nothing is known of the time in which the loop was held, until it turns again.
    if (isOld) {
      context.fillStyle = color("--veil");
      context.fillRect(x(seenAt), 0, width - x(seenAt), height);
      context.strokeStyle = color("--dim");
      context.globalAlpha = 0.35;
      for (let left = x(seenAt); left < width; left += 6) {
        context.beginPath();
        context.moveTo(left, height - 3);
        context.lineTo(left + 6, 3);
        context.stroke();
      }
      context.globalAlpha = 1;
    }
    // The loop was held: it sent no calls.
    context.fillStyle = color("--hot");
    for (const { startedAt, durationMs } of stalls) context.fillRect(x(startedAt), 0, Math.max(1, x(startedAt + durationMs) - x(startedAt)), 2);
    const share = Math.round(Math.min(1, busyMs / (Math.min(until, seenAt) - from)) * 100);
    setText(name, `${lane.executor} ${lane.worker}`);
    setText(doing, lane.running === undefined ? (lane.isAlive ? "idle" : "ended") : isOld ? `last seen: ${lane.running.name}` : `${lane.running.name} ${duration(until - lane.running.since)}`);
    const label = `${lane.executor} worker ${lane.worker}: busy ${share} % of this time span, ${lane.spans.length} calls, ${lane.running === undefined ? "now idle" : `runs ${lane.running.name}`}`;
    if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    button.title = `${label}. Choose it to see its calls.`;
  }

  #drawLegend(model: Model): void {
    const names = [...new Set([...model.lanes.values()].flatMap(({ running, spans }) => [...(running === undefined ? [] : [running.name]), ...spans.slice(-50).map(({ name }) => name)]))].slice(0, 12);
    const key = names.join("\n");
    if (key === this.#legend) return;
    this.#legend = key;
    byId("legend").replaceChildren(...names.map((name) => el("li", {}, swatch(model, name), name)));
  }
}

/** A square in the colour of a function. */
export function swatch(model: Model, name: string): HTMLElement {
  return el("span", { class: `swatch c${model.colorOf(name)}`, "aria-hidden": "true" });
}

function hint({ last, leftOut, sample }: Model, count: number): string {
  if (last !== undefined && !last.hasSamples) return "The page of one process shows its workers and tasks: give it the option serve, or OFFLOOP_SERVE.";
  if (sample === undefined) return "The program tells of its calls when its loop turns.";
  if (count === 0) return "No pool of offloop has a worker.";
  const more = count > MOST_ROWS ? ` ${count - MOST_ROWS} further workers are not shown.` : "";
  return `Who runs what, and for how long. Above the rows, orange marks the time in which the loop was held. Choose a worker to see its calls.${more}${leftOut > 0 ? " More calls ran than can be shown one by one." : ""}`;
}

/** The last calls of a worker, newest first, with the time that it was idle before each. */
function callTable({ spans }: Lane): Node {
  const table = el("table");
  const newest = spans.slice(-200).toReversed();
  const idleBefore = (span: CallSpan, index: number): string => {
    const before = newest[index + 1];
    return before === undefined ? "" : duration(Math.max(0, span.startedAt - before.startedAt - before.runMs));
  };
  fillTable(table, ["started", "#idle before", "#ran", "function", "outcome"], newest.map((span, index) => [clock(span.startedAt), idleBefore(span, index), duration(span.runMs), el("code", {}, span.name), span.outcome]), "No call of this worker has ended while the page was open.");
  return table;
}
