// The commands of docs/guides/hosts.md, one after another in one shell, as a reader runs them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const repository = join(import.meta.dirname, "../../..");
const guide = readFileSync(join(repository, "docs/guides/hosts.md"), "utf8");

/** A port on which nothing listens now. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

it("the commands of the guide print what it says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-guide-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "guide", version: "1.0.0", private: true, type: "module" }));
    for (const [, code, name] of guide.matchAll(/^```js\n(\/\/ (\w+\.js)\n.*?)^```$/gms)) writeFileSync(join(folder, name!), code!);
    mkdirSync(join(folder, "node_modules/@offloop"), { recursive: true });
    mkdirSync(join(folder, "node_modules/.bin"));
    for (const name of ["remote", "bullmq"]) symlinkSync(join(repository, "packages", name), join(folder, "node_modules/@offloop", name));
    symlinkSync(join(repository, "packages/offloop"), join(folder, "node_modules/offloop"));
    writeFileSync(join(folder, "node_modules/.bin/offloop"), `#!/bin/sh\nexec "${process.execPath}" "${join(repository, "packages/offloop/dist/bin.js")}" "$@"\n`, { mode: 0o755 });

    const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms)].map(([, commands, output]) => ({ commands: commands!, output: output ?? "" }));
    expect(blocks.length).toBeGreaterThanOrEqual(7);
    let script = ["set -e", "trap 'kill -9 $(jobs -p) 2> /dev/null' EXIT", ...blocks.map(({ commands }, index) => `echo "block ${index}"\n${commands}`)].join("\n");
    for (const port of ["6379", "8081", "8082"]) script = script.replaceAll(port, String(await freePort()));
    const output = execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, OFFLOOP_URL: undefined } });
    expect(output).toBe(blocks.map(({ output: expected }, index) => `block ${index}\n${expected}`).join(""));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 150_000);
