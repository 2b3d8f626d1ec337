// `node scripts/five-minutes.mjs <folder>`: follows docs/five-minutes.md in a folder in which its packages are installed, as a
// reader would: saves the program, runs it, makes the requests, reads the log, and opens the live page in a browser.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./setup.mjs";

const { chromium } = createRequire(join(root, "packages/watchdog/package.json"))("playwright-core");
const [folder] = process.argv.slice(2);
const page = readFileSync(join(root, "docs/five-minutes.md"), "utf8");
const blocks = (language) => [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, text]) => text);

// The page's ports may be taken.
const ports = new Map([["3000", await freePort()], ["9464", await freePort()]]);
const withFreePorts = (text) => text.replaceAll(/\b(3000|9464)\b/g, (port) => ports.get(port));

const [program] = blocks("js");
const [, file] = /^\/\/ (\S+)\n/.exec(program);
writeFileSync(join(folder, file), withFreePorts(program));
const [, run, inline, offloaded] = blocks("sh").map((command) => command.trim());
if (run !== `node ${file}`) throw new Error(`The second command is ${run}.`);

const server = spawn(process.execPath, [file], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
process.once("exit", () => server.kill("SIGKILL"));
const log = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
await nextLine(({ msg }) => msg.startsWith("Server listening"));

const [promised] = blocks("text");
const report = nextLine(({ msg }) => msg.startsWith("offloop:"));
check("the answer in place", await curl(inline), '{"primes":148933}');
const { msg, level, stall } = await report;
check("the report", msg.replace(/\d+ ms/, "… ms"), promised.trim().replace(/\d+ ms/, "… ms"));
check("the level of the report", level, 40);
check("the request of the report", stall.request, "GET /inline/2000000 (route /inline/:limit)");
if (!page.includes(stall.fix)) throw new Error(`The page does not tell the fix: ${stall.fix}`);
console.log(msg);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"] });
const live = await browser.newPage();
await live.goto(withFreePorts(/<(http:\S+)>/.exec(page)[1]));
const shows = (selector, text) => live.locator(selector, { hasText: text }).first().waitFor({ timeout: 30_000 });
await shows("#stalls", "countPrimes");
check("the answer of the thread", await curl(offloaded), '{"primes":148933}');
await shows("#lanes", "countPrimes");
await shows("#functions", "countPrimes");
await browser.close();
console.log("the live page shows the stall and the call on a thread");

server.kill("SIGTERM");
await once(server, "exit");

/** The next line of the log that fits. */
async function nextLine(fits) {
  for (;;) {
    const { value, done } = await log.next();
    if (done) throw new Error("The server has ended.");
    const line = JSON.parse(value);
    if (fits(line)) return line;
  }
}

async function curl(command) {
  const [, url] = /^curl (\S+)$/.exec(command);
  const response = await fetch(withFreePorts(url));
  return response.text();
}

function check(what, value, expected) {
  if (value !== expected) throw new Error(`${what}: ${JSON.stringify(value)}, not ${JSON.stringify(expected)}.`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(String(port)));
    });
  });
}
