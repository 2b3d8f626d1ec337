// The option `logger`: stalls and sync calls as objects, for pino and for what has the same method.
import { execFile } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startWatchdog, type StallLogger, type WatchdogOptions } from "@offloop/watchdog";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { spin } from "./fixtures/programs/spin.mjs";

/** Holds the loop until `found` is true. A stall in which the process got no CPU has no place. */
async function stallUntil(found: () => boolean, options: WatchdogOptions): Promise<void> {
  const watchdog = startWatchdog({ thresholdMs: 50, ...options });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  while (!found()) {
    spin(200);
    await watchdog.flush();
  }
}

const named = (line: any): boolean => line.stall?.place?.function === "spin";

it("pino gets each stall as an object, with the first line of the report as its message", async () => {
  const lines: any[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await stallUntil(() => lines.some(named), { logger });
  expect(lines.find(named)).toEqual({
    level: 40,
    msg: expect.stringMatching(/^offloop: the event loop was held for .* spin \(.*spin\.mjs:\d+:\d+\)$/),
    stall: expect.objectContaining({
      kind: expect.any(String), // "starved" on a busy machine
      phase: "running",
      startedAt: expect.any(Number),
      durationMs: expect.any(Number),
      place: { file: fileURLToPath(new URL("./fixtures/programs/spin.mjs", import.meta.url)), line: expect.any(Number), column: expect.any(Number), function: "spin" },
      count: expect.any(Number),
      totalMs: expect.any(Number),
      fix: expect.any(String),
    }),
  });
  for (const { stall } of lines) for (const absent of ["stack", "codeFrame", "profile"]) expect(stall).not.toHaveProperty(absent);
});

it("an object with warn() gets sync calls too, and keeps its `this`", async () => {
  const lines: [any, string][] = [];
  class Logger {
    readonly lines = lines;
    warn(object: object, text: string): void {
      this.lines.push([object, text]);
    }
  }
  const watchdog = startWatchdog({ logger: new Logger(), syncCalls: "report" });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  fs.statSync(import.meta.filename);
  await watchdog.flush();
  const [object, text] = lines.find(([{ syncCall }]) => syncCall?.name === "fs.statSync")!;
  expect(object.syncCall).toMatchObject({ argument: import.meta.filename, durationMs: expect.any(Number), instead: expect.stringContaining("stat"), count: 1 });
  expect(object.syncCall).not.toHaveProperty("stack");
  expect(text).toMatch(/^offloop: fs\.statSync\(".*"\) blocked the running loop for [\d.]+ ms at /);
});

it("a logger that throws ends nothing: its error becomes a warning", async () => {
  const warnings: (Error & { code?: string })[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  let stalls = 0;
  const logger: StallLogger = {
    warn() {
      throw new Error("disk full");
    },
  };
  await stallUntil(() => stalls > 0, { logger, onStall: () => void (stalls += 1) });
  await new Promise(setImmediate);
  expect(warnings.find(({ code }) => code === "OFFLOOP_WATCHDOG_LOGGER")?.message).toBe("The logger of startWatchdog() threw: Error: disk full");
});

it.each([null, "pino", {}, { warn: true }, () => undefined])("refuses %o as a logger", (logger) => {
  expect(() => startWatchdog({ logger: logger as never })).toThrow(/^logger of startWatchdog\(\) takes an object with a method warn\(object, text\), such as a pino logger; got /);
});

const programs = fileURLToPath(new URL("./fixtures/programs/", import.meta.url));
const preload = new URL("../dist/register.js", import.meta.url).href;
const run = (logger: string) => promisify(execFile)(process.execPath, ["--import", preload, "stalls-until-logged.mjs"], { cwd: programs, env: { ...process.env, NODE_OPTIONS: "", OFFLOOP_LOGGER: logger, OFFLOOP_SUMMARY: "0", OFFLOOP_THRESHOLD_MS: "50", OFFLOOP_STARTUP_THRESHOLD_MS: "50" }, timeout: 25_000 });

it("a preload loads the logger of a module, and reports to it alone", async () => {
  const { stdout, stderr } = await run("./logger.mjs");
  const lines = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines[0]).toMatchObject({ stall: { durationMs: expect.any(Number), fix: expect.any(String) }, text: expect.stringMatching(/^offloop: the event loop was held for/) });
  expect(stderr).not.toContain("offloop: the event loop");
});

it.each(["./spin.mjs", "./missing.mjs"])("a preload refuses the module %s", async (path) => {
  await expect(run(path)).rejects.toThrow(/OFFLOOP_LOGGER takes the path of a module that exports an object with a method warn\(object, text\), as logger or as default/);
});
