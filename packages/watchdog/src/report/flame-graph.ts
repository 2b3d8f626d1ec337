// Renders all samples as a flame graph: callers on top, the width of a box is the time in its function.
import { basename } from "node:path";
import { describeFrame, originOf, pathOf } from "../place/frames.js";
import type { FlameBox } from "../protocol/live.js";
import type { SampleNode } from "../place/sample-tree.js";
import { at, ms, printable } from "./console.js";
import { escapeHtml } from "./page.js";

/** Narrower boxes are left out, because they could not be seen. */
const LEAST_SHARE = 0.001;

/** The flame graph as HTML. Paths are shown relative to `cwd`. */
export function flameGraph(root: SampleNode, cwd: string): string {
  const boxes = flameBoxes(root, cwd, "all stalls");
  if (boxes.length === 0) return "<p>No stack could be taken during the stalls.</p>";
  const deepest = Math.max(...boxes.map(({ depth }) => depth));
  const html = boxes.map(
    ({ label, title, origin, depth, left, share }) =>
      `<button class="box ${origin}" data-left="${left.toFixed(6)}" data-share="${share.toFixed(6)}" style="left:${percent(left)};width:${percent(share)};top:${depth * 20}px" title="${escapeHtml(title)}">${escapeHtml(label)}</button>`,
  );
  return `<div class="flame" style="height:${(deepest + 1) * 20}px">${html.join("")}</div>`;
}

/** The boxes of the flame graph, the root first. Empty: there are no samples. @param name of the root */
export function flameBoxes(root: SampleNode, cwd: string, name: string): FlameBox[] {
  const total = totalOf(root);
  if (total === 0) return [];
  const boxes: FlameBox[] = [{ label: `${name}, ${ms(total)}`, title: name, origin: "root", depth: 0, left: 0, share: 1 }];
  lay(root, 1, 0);
  return boxes;

  function lay(node: SampleNode, depth: number, from: number): void {
    let left = from;
    for (const child of [...node.children.values()].toSorted((a, b) => totalOf(b) - totalOf(a))) {
      const sum = totalOf(child);
      const share = sum / total;
      if (share < LEAST_SHARE || !child.frame) continue;
      // Functions of Node are left out, and their children take their place.
      if (originOf(pathOf(child.frame.file)) === "node") {
        lay(child, depth, left);
      } else {
        const frame = describeFrame(child.frame);
        const name = frame.function === "" ? `(anonymous) ${basename(frame.file)}:${frame.line}` : frame.function;
        boxes.push({ label: printable(name), title: `${at(frame, cwd)}: ${ms(sum)}, ${(share * 100).toFixed(1)} %`, origin: frame.origin, depth, left, share });
        lay(child, depth + 1, left);
      }
      left += share;
    }
  }
}

function totalOf(node: SampleNode): number {
  let sum = node.selfMs;
  for (const child of node.children.values()) sum += totalOf(child);
  return sum;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(4)}%`;
}
