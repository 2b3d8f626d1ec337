// Pages in a real browser. A page is closed at the end of the test that opened it.
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });

export interface Opened {
  readonly page: Page;
  /** What the browser complained of: errors, and whatever the policy has refused. */
  readonly complaints: readonly string[];
  readonly requested: ReadonlySet<string>;
}

export async function openIn(browser: Browser, url: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  const requested = new Set<string>();
  page.on("console", (message) => void (["error", "warning"].includes(message.type()) && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("request", (request) => void requested.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, complaints, requested };
}
