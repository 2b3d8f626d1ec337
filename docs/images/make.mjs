// Makes the pictures of docs/watchdog.md: runs a server full of mistakes under `offloop watch`, then has
// a headless Chromium photograph the report and what the terminal showed. `node docs/images/make.mjs`,
// after a build; CHROMIUM names another browser than `chromium`.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const work = mkdtempSync(join(tmpdir(), "offloop-images-"));
const browser = process.env.CHROMIUM ?? "chromium";

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

try {
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
} finally {
  rmSync(work, { recursive: true, force: true });
}
