// The live page in a real browser, beside a program whose loop is held for five seconds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type LiveProgram, startLive } from "../live-program.js";
import { launchBrowser, type Opened, openIn } from "./browser.js";

let browser: Browser;
/** A program that has had a stall, for the tests that only look. */
let program: LiveProgram;
beforeAll(async () => {
  program = await startLive();
  program.hold(1_500);
  browser = await launchBrowser();
});
afterAll(async () => {
  program.child.kill();
  await browser.close();
});

const openPage = (url: string, options?: Parameters<Browser["newPage"]>[0]): Promise<Opened> => openIn(browser, url, options);

/** The faults of accessibility that axe finds: names, roles, contrast, sizes of targets. A mark and a box of a flame graph are as wide as a time; the list of stalls, and zooming in, do the same. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], rules: { "target-size": { enabled: true } } }).then((result) => result.violations)`,
  );
  return violations
    .map(({ id, nodes }) => ({ id, nodes: nodes.filter(({ html }) => id !== "target-size" || !/class="(mark|box) /.test(html)) }))
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** Waits until an expression is true in the page. Playwright's own wait uses `eval`, which the policy refuses. */
async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate<boolean>(expression))) await page.waitForTimeout(50);
}

const theStall = (page: Page) => page.locator("#stalls button", { hasText: "monthlyReport" }).first();

const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();

it("shows a loop that is held for 5 s, while it is held: who holds it, for how long, with code, stack and flame graph", async () => {
  const own = await startLive();
  onTestFinished(() => void own.child.kill("SIGKILL"));
  const { page, complaints, requested } = await openPage(own.url);
  await page.getByText("the event loop turns").waitFor();
  const flag = join(mkdtempSync(join(tmpdir(), "offloop-page-")), "flag");
  onTestFinished(() => rmSync(dirname(flag), { recursive: true }));
  own.hold(flag);
  await page.getByRole("status").filter({ hasText: "the event loop is held: monthlyReport (" }).waitFor();
  await page.getByRole("button", { name: /^The stall that lasts: monthlyReport \(/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: /The event loop has been held for [\d.]+ m?s so far by monthlyReport/ }).waitFor();
  expect(await text(page, "#dialog pre .here")).toContain("Math.sqrt");
  await dialog.getByRole("button", { name: /^monthlyReport \(.*: [\d.]+ m?s, / }).click();
  expect(await dialog.locator(".stack li").first().innerText()).toMatch(/^monthlyReport \(/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await until(page, `/^([5-9]|\\d\\d)(\\.\\d)? s$/.test(document.getElementById("status-time").textContent)`);
  expect(own.lines).not.toContain("went on"); // all of that during the stall
  writeFileSync(flag, "");
  await page.getByText("the event loop turns").waitFor();
  await page.locator("#stalls li", { hasText: /^(\d\.\d|\d\d) s(script|starved)monthlyReport \(/ }).waitFor();
  await page.locator("#worst", { hasText: "monthlyReport (" }).waitFor();
  expect(complaints).toEqual([]);
  expect([...requested]).toEqual([own.url]);
});

it("shows who runs what: a row for each worker, its calls, functions, queue, rates and tasks", async () => {
  const { page } = await openPage(program.url);
  const lane = page.getByRole("button", { name: /^thread worker \d+: busy [1-9]\d* % of this time span, [1-9]\d* calls, (runs \w+|now idle)$/ });
  await lane.nth(2).waitFor();
  expect(await lane.count()).toBe(3);
  // The bars are there: the row has more colours than that of its track.
  const colors = `new Set(new Uint32Array(document.querySelector(".lane canvas").getContext("2d").getImageData(0, 8, document.querySelector(".lane canvas").width, 1).data.buffer)).size`;
  await until(page, `${colors} >= 3`);
  await page.locator("#functions").getByText("resizePhoto").waitFor();
  await page.locator("#tasks tr", { hasText: "Queue.get()" }).getByText("3", { exact: true }).waitFor();
  await page.locator("#pools").getByText("3 of 3").waitFor();
  await page.getByRole("img", { name: /^calls a second: [1-9]\d* now/ }).waitFor();
  await lane.first().click();
  await page.getByRole("dialog").getByRole("row", { name: /\d\d:\d\d:\d\d .*(renderInvoice|resizePhoto|parseFeed) fulfilled/ }).first().waitFor();
  await page.keyboard.press("Escape");
  const times = await page.locator("#process").innerText();
  expect(times).toMatch(/^process \d+ · watched for /);
  await page.getByRole("button", { name: "Pause" }).click();
  expect(await page.getByRole("button", { name: "Go on" }).getAttribute("aria-pressed")).toBe("true");
});

it.each(["light", "dark"] as const)("has no fault of accessibility in the %s scheme, with and without its dialog", async (colorScheme) => {
  const { page } = await openPage(program.url, { colorScheme, reducedMotion: "reduce" });
  const ground = await page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
  expect(Number(/\d+/.exec(ground)![0]) < 128).toBe(colorScheme === "dark");
  await theStall(page).waitFor();
  await page.locator("#functions").getByText("resizePhoto").waitFor();
  expect(await faults(page)).toEqual([]);
  await theStall(page).click();
  await page.locator("#dialog .flame, #dialog .dim").first().waitFor();
  expect(await faults(page)).toEqual([]);
});

it("is used by the keyboard alone, in the order of the page; the focus comes back from a dialog", async () => {
  const { page } = await openPage(program.url);
  await theStall(page).waitFor();
  await page.locator(".lane").first().waitFor();
  const partOf = () => page.evaluate<string>(`((active) => active.closest(".skip, .controls, .marks")?.className ?? active.closest("#lanes, #stalls")?.id ?? active.firstElementChild.id)(document.activeElement)`);
  const order: string[] = [];
  while (order.at(-1) !== "worst") {
    await page.keyboard.press("Tab");
    order.push(await partOf());
  }
  expect(order.filter((part, index) => part !== order[index - 1])).toEqual(["skip", "controls", "marks", "lanes", "pools", "functions", "tasks", "stalls", "worst"]);
  const mark = page.getByRole("button", { name: /^Stall of .*monthlyReport/ }).first();
  await mark.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  expect(await page.evaluate<string>(`document.activeElement.getAttribute("aria-label")`)).toMatch(/^Stall of .*monthlyReport/);
});

it("fits a phone: nothing to scroll sideways, and targets for a thumb", async () => {
  const { page } = await openPage(program.url, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  const stall = theStall(page);
  await stall.waitFor();
  await page.locator("#functions").getByText("resizePhoto").waitFor();
  expect(await page.evaluate<number>(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(360);
  const heights = await page.evaluate<number[]>(`[...document.querySelectorAll(".controls button, .lane, #stalls button")].map((each) => each.getBoundingClientRect().height)`);
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(40);
  await stall.tap();
  await page.getByRole("dialog").waitFor();
  expect(await page.evaluate<number>(`document.getElementById("dialog").scrollWidth`)).toBeLessThanOrEqual(360);
  await page.getByRole("button", { name: "Close" }).tap();
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

it("says that the program has ended", async () => {
  const own = await startLive();
  onTestFinished(() => void own.child.kill("SIGKILL"));
  const { page } = await openPage(own.url);
  await page.getByText("the event loop turns").waitFor();
  own.child.kill("SIGKILL");
  await page.getByRole("status").filter({ hasText: "no connection: the program has ended, or cannot be reached" }).waitFor();
});
