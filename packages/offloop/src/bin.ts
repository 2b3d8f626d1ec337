#!/usr/bin/env node
// The command `offloop`. It checks the version of Node before it loads what an old Node cannot read.
if (/^(1?\d|20\.\d|20\.1[0-8]|21|22\.\d|22\.1[01])\./.test(process.versions.node)) {
  process.stderr.write(`offloop needs Node.js 20.19, 22.12 or later, and this is ${process.version}. Run the command with a newer Node.js.\n`);
  process.exitCode = 1;
} else await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<void> {
  const { readFileSync } = await import("node:fs");
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  if (args[0] === "host") {
    const { hostMain } = await import("@offloop/remote/cli");
    return hostMain(args.slice(1), version);
  }
  const { main } = await import("@offloop/watchdog/cli");
  main(args, version, { host: "Runs the calls that programs on this and other machines submit. `offloop host --help` prints its options." });
}

export {};
