// Installs the other watchers when the bench first runs, at the versions below. They are no dependencies
// of the project, because Sentry's brings some fifty packages and a native module.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** In node_modules, which git ignores. */
export const peersFolder = fileURLToPath(new URL("../node_modules/.watchdog-peers/", import.meta.url));

const packages = ["blocked-at@1.2.0", "@sentry/node@10.75.3", "@sentry/node-native@10.75.3"];

/** Installs the watchers unless they are installed already. */
export function installPeers(): void {
  if (existsSync(join(peersFolder, "node_modules/@sentry/node-native")) && existsSync(join(peersFolder, "node_modules/blocked-at"))) return;
  mkdirSync(peersFolder, { recursive: true });
  writeFileSync(join(peersFolder, "package.json"), '{ "private": true }\n');
  const { status } = spawnSync("npm", ["install", "--prefix", peersFolder, "--no-audit", "--no-fund", "--loglevel=error", ...packages], {
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${packages.join(", ")} could not be installed: fix what npm's message above names, and run the bench again.`);
}
