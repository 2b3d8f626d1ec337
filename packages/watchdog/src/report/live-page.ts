// The live page: its three files, its stream of events, and its questions about one stall. Everything comes from the watching
// thread, so the page works while the watched loop is held.
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import type { FlameBox, StallDetails } from "../protocol/live.js";
import type { Stall } from "../protocol/stall.js";
import { SampleTree } from "../place/sample-tree.js";
import { at, formatStall, ms, printable, printableLines } from "./console.js";
import { flameBoxes } from "./flame-graph.js";
import type { LiveFeed } from "./live-feed.js";

/** The page loads nothing from elsewhere, runs no script of a text that it shows, and stands in no frame. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["live.html", "text/html; charset=utf-8"],
  "/live.css": ["live.css", "text/css; charset=utf-8"],
  "/live.js": ["live.js", "text/javascript; charset=utf-8"],
};

/** The headers of the page's files. */
export const pageHeaders = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin" };

/** The text and the type of one of the page's files; `undefined`: it has no such file. */
export function pageFile(path: string): { readonly body: string; readonly type: string } | undefined {
  const found = Object.hasOwn(files, path) ? files[path] : undefined;
  return found && { body: readFileSync(new URL(`../page/${found[0]}`, import.meta.url), "utf8"), type: found[1] };
}

/** Answers the request for events until its connection ends. */
export function streamEvents(feed: LiveFeed, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-content-type-options": "nosniff" });
  feed.open(response);
}

/** One stall in full; `undefined`: there was none, or it is too old. */
export function stallDetails(feed: LiveFeed, id: number): StallDetails | undefined {
  const stall = feed.stall(id);
  if (stall === undefined) return undefined;
  const { cwd } = feed.source;
  const isRunning = feed.source.watch.running()?.id === id;
  const facts: [string, string][] = [["duration", ms(stall.durationMs)], ["kind", stall.kind], ["samples", String(stall.samples)]];
  if (stall.count > 1) facts.push(["at this place", `${stall.count} stalls, ${ms(stall.totalMs)}`]);
  if (stall.task !== undefined) facts.push(["task", printable(stall.task)]);
  if (stall.context !== undefined) facts.push(["during", printable(stall.context)]);
  if (stall.hot !== undefined) facts.push(["hottest function", `${at(stall.hot, cwd)}, ${Math.round(stall.hot.share * 100)} %`]);
  return {
    title: formatStall(stall, { cwd, running: isRunning }).split("\n")[0]!.replace(/^offloop: the/, "The"),
    codeFrame: stall.codeFrame === undefined ? undefined : printableLines(stall.codeFrame),
    facts,
    stack: stall.stack.filter(({ origin }) => origin !== "node").map((frame) => ({ text: at(frame, cwd), origin: frame.origin, async: frame.async })),
    flame: flameOf(feed, stall, isRunning),
    fix: printable(stall.fix),
  };
}

function flameOf(feed: LiveFeed, stall: Stall, isRunning: boolean): FlameBox[] {
  const { watch, history, cwd } = feed.source;
  const tree = isRunning ? SampleTree.of(watch.samples?.() ?? [], stall.durationMs) : history.samplesOf(stall);
  return tree === undefined ? [] : flameBoxes(tree.root, cwd, "the stall");
}
