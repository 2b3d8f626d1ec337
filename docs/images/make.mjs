// Makes the pictures of docs/watchdog.md: runs a server full of mistakes under `offloop watch`, then has
// a headless Chromium photograph the report and what the terminal showed. Then it photographs the live page of a
// program whose loop is held. `node docs/images/make.mjs [live]`, after a build; CHROMIUM names another
// browser than `/usr/bin/chromium`.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const work = mkdtempSync(join(tmpdir(), "offloop-images-"));
const browser = process.env.CHROMIUM ?? "/usr/bin/chromium";

function photograph(page, file, height) {
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--hide-scrollbars", "--virtual-time-budget=1000"];
  execFileSync(browser, [...flags, `--window-size=1120,${height}`, `--screenshot=${path(file)}`, `file://${page}`], { stdio: "ignore", timeout: 60_000 });
}

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const colors = { 1: "font-weight:bold", 2: "opacity:.6", 31: "color:#ff7b72", 32: "color:#7ee787", 33: "color:#f2cc60" };

/** Terminal colours as HTML; the watchdog nests them, so each opens a span and 0 closes all. */
function terminal(text) {
  let open = 0;
  // oxlint-disable-next-line no-control-regex -- it is what starts a colour
  const body = escape(text).replaceAll(/\x1b\[(\d+)m/g, (_, code) => {
    if (code === "0") return "</span>".repeat(open) + ((open = 0), "");
    open++;
    return `<span style="${colors[code] ?? ""}">`;
  });
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#161b22;color:#e6edf3"><pre style="font:14px/1.45 monospace;padding:20px;margin:0">${body}</pre>`;
}

/** Three looks at the live page, while the loop of its program is held. */
async function photographLive() {
  const { chromium } = createRequire(path("../../packages/watchdog/package.json"))("playwright-core");
  const flag = join(work, "flag");
  const program = spawn(process.execPath, [path("../../packages/watchdog/test/fixtures/live/live-program.mjs")], { cwd: path("../../packages/watchdog/test/fixtures/live"), stdio: ["pipe", "pipe", "inherit"] });
  const url = await new Promise((resolve) => program.stdout.setEncoding("utf8").once("data", (line) => resolve(/ready (\S+)/.exec(line)[1])));
  const opened = await chromium.launch({ executablePath: browser, args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });
  const looks = [["watchdog-live.png", { viewport: { width: 1120, height: 1080 }, colorScheme: "light" }], ["watchdog-live-dark.png", { viewport: { width: 1120, height: 1080 }, colorScheme: "dark" }], ["watchdog-live-phone.png", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "dark" }]];
  const pages = [];
  for (const [file, options] of looks) {
    const page = await opened.newPage({ ...options, reducedMotion: "reduce" });
    await page.goto(url);
    pages.push({ file, page });
  }
  await pause(20_000);
  program.stdin.write("350\n");
  await pause(8_000);
  program.stdin.write("1400\n");
  await pause(15_000);
  program.stdin.write(`${flag}\n`);
  await pause(6_000);
  for (const { file, page } of pages) await page.screenshot({ path: path(file) });
  const [{ page }] = pages;
  await page.getByRole("button", { name: /^The stall that lasts/ }).click();
  await page.getByRole("dialog").waitFor();
  await page.screenshot({ path: path("watchdog-live-stall.png") });
  await opened.close();
  program.kill();
}

function photographReports() {
  const report = join(work, "report.html");
  const command = [path("../../packages/watchdog/dist/cli/bin.js"), "watch", "--html", report, path("../../packages/watchdog/test/fixtures/programs/busy-server.mjs")];
  const folder = path("../../packages/watchdog/test/fixtures/programs");
  // `script` gives the program a terminal, so that it writes what a person would see.
  const shell = [process.execPath, ...command].map((part) => `'${part}'`).join(" ");
  const { stdout } = spawnSync("script", ["-qec", shell, "/dev/null"], { encoding: "utf8", cwd: folder, env: { ...process.env, TERM: "xterm-256color", NODE_ENV: "development" }, timeout: 60_000 });
  const page = join(work, "terminal.html");
  writeFileSync(page, terminal(stdout.replaceAll("\r", "").trim()));
  photograph(page, "watchdog-terminal.png", 1080);
  photograph(report, "watchdog-report.png", 1080);
}

try {
  if (process.argv[2] !== "live") photographReports();
  await photographLive();
} finally {
  rmSync(work, { recursive: true, force: true });
}
