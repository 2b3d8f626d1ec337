// The modes of the watchdog whose cost watchdog-modes.ts measures: the default, and each option that changes what runs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WatchdogOptions } from "@offloop/watchdog";

/** The options of each mode. The files of reports are in a folder that is removed at the exit. */
export const modes: Readonly<Record<string, () => WatchdogOptions>> = {
  "the default": () => ({}),
  'breadcrumbs: "off"': () => ({ breadcrumbs: "off" }),
  'breadcrumbs: "full"': () => ({ breadcrumbs: "full" }),
  "collections: false": () => ({ collections: false }),
  'requests: "off"': () => ({ requests: "off" }),
  'requests: "entry"': () => ({ requests: "entry" }),
  'requests: "follow"': () => ({ requests: "follow" }),
  context: () => ({ context: () => "a tenant" }),
  'syncCalls: "report"': () => ({ syncCalls: "report" }),
  logger: () => ({ logger: { warn() {} } }),
  "jsonFile, htmlFile, profileFile": () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-bench-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return { jsonFile: join(folder, "a.jsonl"), htmlFile: join(folder, "a.html"), profileFile: join(folder, "a.cpuprofile") };
  },
};

/** Modes of the endpoint: nobody looks, a scraper looks each second, a page is open. */
export const endpointModes = ["serve", "serve, and a scraper", "serve, and an open page"] as const;
