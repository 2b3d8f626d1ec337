// The command `offloop`: what each of its commands says of itself.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const command = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
const commands = ["watch", "dump", "attach", "top", "host"];

const offloop = (...args: string[]) =>
  promisify(execFile)(process.execPath, [command, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );

it.each(commands)("`offloop %s` prints its own usage, and the version", async (name) => {
  for (const flag of ["--help", "-h"]) {
    const { code, stdout, stderr } = await offloop(name, flag);
    expect({ code, stderr, usages: stdout.match(/^Usage: offloop \w+/gm) }).toEqual({ code: 0, stderr: "", usages: [`Usage: offloop ${name}`] });
  }
  for (const flag of ["--version", "-v"]) expect(await offloop(name, flag)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

it.each(commands)("`offloop %s` prints its own usage with an error of its arguments", async (name) => {
  const { code, stdout, stderr } = await offloop(name, "--unknown-option");
  expect({ code, stdout, usages: stderr.match(/^Usage: offloop \w+/gm) }).toEqual({ code: 2, stdout: "", usages: [`Usage: offloop ${name}`] });
});

it("prints the usage of all commands", async () => {
  for (const args of [[], ["help"], ["--help"], ["-h"]]) {
    const { code, stdout } = await offloop(...args);
    expect({ code, usages: stdout.match(/^Usage: offloop \w+/gm) }).toEqual({ code: 0, usages: commands.map((name) => `Usage: offloop ${name}`) });
  }
  for (const flag of ["version", "--version", "-v"]) expect(await offloop(flag)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

it.each(["wacth", "constructor"])("says which commands there are in place of %s", async (name) => {
  const { code, stderr } = await offloop(name, "--help");
  expect(code).toBe(2);
  expect(stderr).toContain(`There is no command "${name}". The commands are watch, dump, attach, top and host.`);
});

it("leaves the options behind a script to the script", async () => {
  const script = fileURLToPath(new URL("./fixtures/prints-arguments.mjs", import.meta.url));
  expect(await offloop("watch", "--no-summary", script, "--help", "-v")).toMatchObject({ code: 0, stdout: '["--help","-v"]\n' });
});
