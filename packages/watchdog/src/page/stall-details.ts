// One stall in full: code frame, stack and flame graph.
import type { FlameBox, StallDetails } from "../protocol/live.js";
import { el } from "./dom.js";

const ROW = 26;

/** Asks for a stall. @returns its title and its body */
export async function stallDetails(id: number): Promise<readonly [title: string, body: Node]> {
  const response = await fetch(`stalls/${id}`);
  if (!response.ok) return ["This stall is not known any more.", el("p", {}, "The watchdog keeps the newest stalls only.")];
  const { title, codeFrame, facts, stack, flame, fix } = (await response.json()) as StallDetails;
  const body = el(
    "div",
    {},
    el("dl", { class: "facts small" }, ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("p", { class: "fix" }, el("b", {}, "Fix: "), fix),
    codeFrame === undefined ? undefined : section("Code", el("pre", { tabindex: "0" }, ...codeLines(codeFrame))),
    section("Flame graph", flame.length === 0 ? el("p", { class: "dim" }, "No samples of this stall are kept.") : flameGraph(flame)),
    section("Stack", stack.length === 0 ? el("p", { class: "dim" }, "No stack could be taken.") : el("ol", { class: "stack" }, ...stack.map((frame) => el("li", { class: frame.origin }, el("code", {}, `${frame.async ? "async " : ""}${frame.text}`))))),
  );
  return [title, body];
}

function section(title: string, content: Node): Node {
  return el("section", {}, el("h3", {}, title), content);
}

/** The lines of the code frame; the one of the place stands out. */
function codeLines(text: string): Node[] {
  return text.split("\n").map((line) => el("span", line.startsWith(">") ? { class: "here" } : {}, `${line}\n`));
}

/** Callers above the functions that they call. A box zooms in, the top box zooms out. */
function flameGraph(boxes: readonly FlameBox[]): HTMLElement {
  const graph = el("div", { class: "flame", role: "group", "aria-label": "Flame graph. A box zooms in, the top box zooms out." });
  const buttons = boxes.map((box) => el("button", { type: "button", class: `box ${box.origin}`, title: box.title, "aria-label": box.title }, box.label));
  const zoom = (to: FlameBox): void => {
    for (const [index, { left, share, depth }] of boxes.entries()) {
      const { style } = buttons[index]!;
      const start = Math.max(0, (left - to.left) / to.share);
      const end = Math.min(1, (left + share - to.left) / to.share);
      style.left = `${start * 100}%`;
      style.width = `${Math.max(0, end - start) * 100}%`;
      style.top = `${depth * ROW}px`;
      style.display = end - start > 1e-6 ? "" : "none";
    }
  };
  for (const [index, button] of buttons.entries()) button.addEventListener("click", () => zoom(boxes[index]!));
  graph.style.height = `${(Math.max(...boxes.map(({ depth }) => depth)) + 1) * ROW}px`;
  graph.append(...buttons);
  zoom(boxes[0]!);
  return graph;
}
