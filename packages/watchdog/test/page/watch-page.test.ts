// The live page of `offloop watch --serve`, over a program that knows nothing of the watchdog, in a real browser.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { launchBrowser, openIn } from "./browser.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** @returns the address of the endpoint, and the file whose existence holds the loops of the program */
async function watch(...args: readonly string[]): Promise<{ readonly url: string; readonly flag: string }> {
  const folder = mkdtempSync(join(tmpdir(), "offloop-page-"));
  const flag = join(folder, "flag");
  const { NODE_TEST_CONTEXT: _, VITEST: _vitest, ...env } = process.env;
  const child: ChildProcess = spawn(process.execPath, [path("../../dist/cli/bin.js"), "watch", "--report", "silent", "--no-summary", "--serve", "0", path("../fixtures/live/watched-program.mjs"), ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...env, NODE_OPTIONS: "", NODE_ENV: "test", OFFLOOP_DEBUG: "0", OFFLOOP_TEST_HOLD: flag },
  });
  onTestFinished(async () => {
    rmSync(folder, { recursive: true }); // a loop that is held takes no signal
    child.kill();
    await new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve(undefined)));
  });
  for await (const line of createInterface({ input: child.stderr! })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url !== undefined) return { url, flag };
  }
  throw new Error("The program has ended.");
}

it("shows the workers, calls and tasks of the program, and goes on while its loop is held", async () => {
  const { url, flag } = await watch();
  const { page, complaints } = await openIn(browser, url);
  await page.getByRole("button", { name: /^invoices worker \d+: busy [1-9]\d* % of this time span, [1-9]\d* calls, / }).first().waitFor();
  await page.locator("#pools tr", { hasText: "invoices" }).getByText(/^[12] of 2$/).waitFor();
  await page.locator("#functions").getByText("renderInvoice").waitFor();
  await page.locator("#tasks tr", { hasText: "Queue.get()" }).getByText("2", { exact: true }).waitFor();
  writeFileSync(flag, "");
  await page.getByRole("status").filter({ hasText: "the event loop is held" }).waitFor();
  expect(await page.locator("#pools tr", { hasText: "invoices" }).count()).toBe(1);
  rmSync(flag);
  await page.getByText("the event loop turns").waitFor();
  expect(complaints).toEqual([]);
});

it("tells the pools of several processes apart, and a scraper gets their sum", async () => {
  const { url } = await watch("fork");
  const { page } = await openIn(browser, url);
  const rows = page.locator("#pools tr", { hasText: /invoices \(process \d+\)/ });
  await rows.nth(1).waitFor();
  expect(await rows.count()).toBe(2);
  await page.getByRole("button", { name: /^invoices \(process \d+\) worker \d+: busy / }).nth(1).waitFor();
  await page.locator("#tasks tr", { hasText: "Queue.get()" }).getByText("4", { exact: true }).waitFor();
  const scrape = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  while (!/^offloop_executor_max_workers\{executor="invoices",kind="thread"\} 4$/m.test(await scrape()));
  while (!/^offloop_call_run_seconds_count\{executor="invoices",kind="thread",outcome="fulfilled"\} [1-9]/m.test(await scrape()));
});
