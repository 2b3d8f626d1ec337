// Checks the text format of Prometheus by Prometheus's own tool.
import { execFileSync } from "node:child_process";
import { expect } from "vitest";

/** @returns the text, if promtool finds nothing wrong with it */
export function checkMetrics(text: string): string {
  expect(execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })).toBe("");
  return text;
}
