// The live page: connects to the watching thread, and draws what it tells. It draws on while the program's loop is held.
import type { LiveUpdate } from "../protocol/live.js";
import { DelayChart } from "./delay-chart.js";
import { byId, duration, setText } from "./dom.js";
import { Lanes } from "./lanes.js";
import { Model } from "./model.js";
import { SmallCharts } from "./series.js";
import { stallDetails } from "./stall-details.js";
import { drawFacts, drawTables, StallList } from "./tables.js";

/** Milliseconds between two frames; longer where the system asks for less motion. */
const FRAME_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1_000 : 50;

/** The shortest time span, while the watchdog is young. */
const LEAST_SPAN_MS = 15_000;

const model = new Model();
const dialog = byId<HTMLDialogElement>("dialog");
let spanMs = 60_000;
let pausedAt: number | undefined;
let isConnected = false;

const show = (title: string, body: Node): void => {
  setText(byId("dialog-title"), title);
  byId("dialog-body").replaceChildren(body);
  if (!dialog.open) dialog.showModal();
};
const chosen = async (id: number): Promise<void> => {
  try {
    show(...(await stallDetails(id)));
  } catch {
    show("The program does not answer.", document.createTextNode("It has ended, or its endpoint was closed."));
  }
};
const [delays, lanes, charts, stalls] = [new DelayChart((id) => void chosen(id)), new Lanes(show), new SmallCharts(), new StallList((id) => void chosen(id))];

const source = new EventSource("events");
source.addEventListener("open", () => {
  isConnected = true;
  model.connected();
});
source.addEventListener("error", () => {
  isConnected = false;
  drawStatus();
});
source.addEventListener("message", ({ data }) => {
  model.take(JSON.parse(data as string) as LiveUpdate);
  drawStatus();
  if (pausedAt !== undefined) return;
  drawFacts(model);
  drawTables(model);
  stalls.draw(model);
});

function drawStatus(): void {
  const { last } = model;
  const state = !isConnected ? "lost" : last === undefined ? "connecting" : last.running === undefined ? "turns" : "held";
  const texts = { lost: "no connection: the program has ended, or cannot be reached", connecting: "connects…", turns: "the event loop turns", held: `the event loop is held: ${last?.running?.where}` };
  byId("status").dataset["state"] = state;
  setText(byId("status-text"), texts[state]);
  setText(byId("status-time"), isConnected && last?.running !== undefined ? duration(model.now() - last.running.startedAt) : "");
  if (last === undefined) return;
  setText(byId("program"), last.program);
  setText(byId("process"), `process ${last.pid} · watched for ${duration(last.now - last.startedAt)} · threshold ${last.thresholdMs} ms`);
  document.title = `${state === "held" ? "● held: " : ""}${last.program} – offloop`;
}

function draw(): void {
  const until = pausedAt ?? model.now();
  const begun = Math.min(model.last?.startedAt ?? until, until - LEAST_SPAN_MS);
  const span = { from: Math.max(until - spanMs, begun), until };
  delays.draw(model, span);
  lanes.draw(model, span);
  charts.draw(model, span);
}

const spans = [...document.querySelectorAll<HTMLButtonElement>("[data-span]")];
for (const button of spans) {
  button.addEventListener("click", () => {
    spanMs = Number(button.dataset["span"]) * 1_000;
    for (const each of spans) each.setAttribute("aria-pressed", String(each === button));
    draw();
  });
}

byId("pause").addEventListener("click", () => {
  pausedAt = pausedAt === undefined ? model.now() : undefined;
  byId("pause").setAttribute("aria-pressed", String(pausedAt !== undefined));
  setText(byId("pause"), pausedAt === undefined ? "Pause" : "Go on");
});

let drawnAt = 0;
function frame(now: number): void {
  if (now - drawnAt >= FRAME_MS) {
    drawnAt = now;
    draw();
    drawStatus();
  }
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
