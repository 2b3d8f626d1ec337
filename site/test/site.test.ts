// The site as a reader has it: built by `npm run docs`, and opened in Chromium.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, type Opened, openIn } from "../../packages/watchdog/test/page/browser.js";

const site = join(import.meta.dirname, "..");
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser: Browser | undefined;
let server: ReturnType<typeof spawn>;
let origin: string;
beforeAll(async () => {
  server = spawn(process.execPath, [join(site, "build.mjs"), "--serve"], { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stdout! })) {
    said.push(line);
    if (/^http:\S+$/.test(line)) break;
  }
  origin = said.at(-1)!;
  if (!origin.startsWith("http:")) throw new Error(`The site was not built:\n${said.join("\n")}`);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  if (server.exitCode === null && server.kill()) await once(server, "exit");
});

const open = (path: string, options?: Parameters<Browser["newPage"]>[0]): Promise<Opened> => openIn(browser!, new URL(path, origin).href, options);

/** The addresses of all pages, as the sidebar and the links have them. */
const addresses = (): string[] =>
  readdirSync(join(site, "dist"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html") && name !== "404.html")
    .map((name) => `/${name.replaceAll("\\", "/").replace(/(^|(?<=\/))index\.html$|\.html$/, "")}`);

/** Goes from page to page, at the width of a phone, and takes what `look` sees. */
async function visitAll<T>(options: Parameters<Browser["newPage"]>[0], look: (page: Page, address: string) => Promise<T>): Promise<[string, T][]> {
  const { page, complaints } = await open("/", options);
  const seen: [string, T][] = [];
  for (const address of addresses()) {
    const answer = await page.goto(new URL(address, origin).href);
    expect([address, answer?.status()]).toEqual([address, 200]);
    await page.locator(".vp-doc h1").first().waitFor();
    seen.push([address, await look(page, address)]);
  }
  expect(complaints).toEqual([]);
  return seen;
}

it("has pages that answer without a complaint of the browser, fit a phone, and have links that lead somewhere", async () => {
  const links = new Map<string, string>();
  const widths = await visitAll(phone, async (page, address) => {
    for (const href of await page.evaluate<string[]>(`[...document.querySelectorAll("a[href]")].map((link) => link.href)`)) {
      if (href.startsWith(origin)) links.set(href, address);
    }
    return page.evaluate<number>(`document.documentElement.scrollWidth`);
  });
  expect(widths.length).toBeGreaterThan(80);
  expect(widths.filter(([, width]) => width > phone.viewport.width)).toEqual([]);
  const texts = new Map<string, Promise<string | undefined>>();
  const textOf = async (url: string) => {
    const answer = await fetch(url);
    return answer.ok ? answer.text() : undefined;
  };
  const dead: string[] = [];
  for (const [href, address] of links) {
    const { origin: host, pathname, hash } = new URL(href);
    const url = host + pathname;
    if (!texts.has(url)) texts.set(url, textOf(url));
    const text = await texts.get(url);
    if (text === undefined || (hash !== "" && !text.includes(`id="${decodeURIComponent(hash.slice(1))}"`))) dead.push(`${address}: ${href}`);
  }
  expect(dead).toEqual([]);
});

it("copies each block of code whole", async () => {
  const { page } = await open("/", { permissions: ["clipboard-read", "clipboard-write"] });
  let copied = 0;
  for (const [address, source] of [["/", "index.md"], ["/recipes", "recipes.md"], ["/watchdog", "watchdog.md"], ["/errors", "errors.md"]] as const) {
    await page.goto(new URL(address, origin).href);
    const blocks = [...readFileSync(join(site, "pages", source), "utf8").matchAll(/^```\w*(?: \[.*\])?\n([^]*?)^```$/gm)].map(([, code]) => code!.trimEnd());
    const buttons = page.locator(".vp-doc button.copy");
    expect([address, await buttons.count()]).toEqual([address, blocks.length]);
    for (const [index, block] of blocks.entries()) {
      await page.evaluate(`navigator.clipboard.writeText("")`);
      await buttons.nth(index).dispatchEvent("click");
      await page.waitForFunction(`navigator.clipboard.readText().then((text) => text !== "")`);
      expect((await page.evaluate<string>(`navigator.clipboard.readText()`)).trimEnd()).toBe(block);
      copied++;
    }
  }
  expect(copied).toBeGreaterThan(25);
});

it("finds what is searched for, and leads to it", async () => {
  const { page } = await open("/");
  for (const [words, address] of [["ERR_OFFLOOP_POISON_CALL", "/errors"], ["maxTasksPerWorker", "/reference/@offloop/workers"]] as const) {
    await page.keyboard.press("Control+k");
    const input = page.locator("#localsearch-input");
    await input.fill(words);
    await page.locator(`#localsearch-list a[href^="${address}"]`).first().click();
    await page.waitForURL(new RegExp(`^${origin}${address.slice(1)}`));
    await page.locator(".vp-doc").getByText(words).first().waitFor();
    expect(page.url()).toContain(address);
  }
});

it("leads from the bar, the sidebar and the outline to pages and sections", async () => {
  const { page } = await open("/");
  await page.locator(".VPNavBar").getByRole("link", { name: "Reference" }).click();
  await page.waitForURL(/\/reference\/$/);
  await page.goto(origin);
  await page.locator(".VPSidebar").getByRole("link", { name: "Finding what blocks" }).click();
  await page.waitForURL(/\/watchdog$/);
  await page.locator(".vp-doc h1", { hasText: "watchdog" }).waitFor();
  const section = page.locator(".VPDocAsideOutline a.outline-link").nth(1);
  const title = await section.innerText();
  await section.click();
  await page.waitForURL(/\/watchdog#/);
  await page.waitForFunction(`Math.abs(document.getElementById(decodeURIComponent(location.hash.slice(1))).getBoundingClientRect().top) < innerHeight`);
  expect(await page.evaluate<string>(`document.getElementById(decodeURIComponent(location.hash.slice(1))).innerText`)).toContain(title);
});

it("switches the tabs of a block of code", async () => {
  const { page } = await open("/");
  const group = page.locator(".vp-code-group").first();
  const shown = () => group.locator("div[class*=language-].active").innerText();
  expect(await shown()).toContain("await toThread(countPrimes");
  await group.getByText("primes.cjs").click();
  expect(await shown()).toContain('require("offloop")');
  await group.getByText("primes.ts").click();
  expect(await shown()).toContain("limit: number");
});

it("has a dark mode, which follows the system and stays as it was chosen", async () => {
  const dark = await open("/", { colorScheme: "dark" });
  const ground = (page: Page) => page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
  const brightness = (color: string) => Number(/\d+/.exec(color)![0]);
  await dark.page.locator("html.dark").waitFor();
  expect(brightness(await ground(dark.page))).toBeLessThan(64);
  const { page } = await open("/", { colorScheme: "light" });
  expect(brightness(await ground(page))).toBeGreaterThan(192);
  await page.locator(".VPNavBarAppearance .VPSwitchAppearance").click();
  await page.locator("html.dark").waitFor();
  await page.reload();
  await page.locator("html.dark").waitFor();
  await page.waitForFunction(`getComputedStyle(document.body).backgroundColor === ${JSON.stringify(await ground(dark.page))}`);
});
