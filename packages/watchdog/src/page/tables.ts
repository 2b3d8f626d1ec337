// The figures at the top, the tables, and the list of stalls.
import type { LiveStall } from "../protocol/live.js";
import { byId, clock, count, duration, el, fillTable, megabytes } from "./dom.js";
import { swatch } from "./lanes.js";
import { type Model, nameOf } from "./model.js";

/** Milliseconds over which the delay counts as that of now. */
const NOW_MS = 1_000;

const MOST_ROWS = 12;

export function drawFacts(model: Model): void {
  const { last, sample, delays } = model;
  if (last === undefined) return;
  const longest = Math.max(0, last.running === undefined ? 0 : last.now - last.running.startedAt, ...delays.filter(([at]) => at > last.now - NOW_MS).map(([, delayMs]) => delayMs));
  const facts: [string, string][] = [
    ["delay now", duration(longest)],
    ["p99", sample?.delay == null ? "–" : duration(sample.delay.p99Ms)],
    ["stalls", count(last.stallCount)],
    ["held in all", duration(last.stalledMs)],
  ];
  if (sample !== undefined) {
    facts.push(["utilisation", `${Math.round(sample.utilization * 100)} %`], ["heap", megabytes(sample.heapUsedBytes)], ["resident", megabytes(sample.rssBytes)], ["tasks", count(sample.taskCount)]);
  }
  byId("facts").replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

export function drawTables(model: Model): void {
  const { last, sample } = model;
  fillTable(byId("worst"), ["#stalls", "#total", "#longest", "kind", "place"], (last?.worst ?? []).map((each) => [count(each.count), duration(each.totalMs), duration(each.longestMs), each.kind, el("code", {}, each.where)]), "No stall was recorded.");
  if (sample === undefined) return;
  const figures = new Map(sample.calls.executors.map((each) => [nameOf(each.executor, each.process), each]));
  fillTable(
    byId("pools"),
    ["pool", "#workers", "#busy", "#waiting", "#wait p99", "#run p99"],
    sample.pools.map((pool) => {
      const { workers, maxWorkers, queued } = pool;
      const name = nameOf(pool.name ?? pool.kind, pool.process);
      const { wait, run } = figures.get(name) ?? {};
      return [name, `${workers.length} of ${maxWorkers}`, String(workers.filter(({ call }) => call !== undefined).length), count(queued), wait === undefined ? "–" : duration(wait.p99Ms), run === undefined ? "–" : duration(run.p99Ms)];
    }),
    "No pool of offloop has a worker or a call.",
  );
  const functions = sample.calls.functions.toSorted((a, b) => b.longestMs - a.longestMs).slice(0, MOST_ROWS);
  fillTable(byId("functions"), ["function", "#calls", "#mean", "#longest", "#total"], functions.map((each) => [el("code", {}, swatch(model, each.name), each.name), count(each.count), each.meanMs === 0 ? "–" : duration(each.meanMs), duration(each.longestMs), duration(each.totalMs)]), "No call has run since this page was opened.");
  const waits = sample.waits.slice(0, MOST_ROWS);
  fillTable(byId("tasks"), ["#tasks", "wait for"], waits.map(([what, number]) => [count(number), el("code", {}, what)]), "No task of offloop is pending.");
}

/** The list of stalls. Rows stay the same elements, so that they keep the focus. */
export class StallList {
  readonly #rows = new Map<number, HTMLElement>();
  readonly #chosen: (id: number) => void;

  constructor(chosen: (id: number) => void) {
    this.#chosen = chosen;
  }

  draw({ stalls, last }: Model): void {
    const running = last?.running;
    const shown = stalls.slice(-100);
    const list = byId("stalls");
    const ids = new Set([...shown, ...(running === undefined ? [] : [running])].map(({ id }) => id));
    for (const stall of shown) this.#enter(list, stall, duration(stall.durationMs));
    if (running !== undefined) this.#enter(list, running, "held now");
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    byId("no-stalls").hidden = ids.size > 0;
  }

  #enter(list: HTMLElement, { id, kind, where, startedAt }: LiveStall, lasted: string): void {
    let row = this.#rows.get(id);
    if (row === undefined) {
      const button = el("button", { type: "button" });
      button.addEventListener("click", () => this.#chosen(id));
      row = el("li", {}, button);
      this.#rows.set(id, row);
      list.prepend(row);
    }
    if (row.dataset["lasted"] === lasted && row.dataset["where"] === where) return;
    row.dataset["lasted"] = lasted;
    row.dataset["where"] = where;
    row.firstElementChild!.replaceChildren(el("b", {}, lasted), el("span", { class: "kind" }, kind), el("code", {}, where), el("time", { class: "dim" }, clock(startedAt)));
  }
}
