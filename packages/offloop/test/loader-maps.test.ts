// Code that a loader compiled in memory, and that travelled to a worker: the watchdog there names the lines of the source.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

it("names the line of the source of a function that travelled as code", async () => {
  let places: [file: string, line: number][] = [];
  // Again where the machine gave the worker no CPU to be sampled on.
  while (places.length === 0) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--enable-source-maps", "--import", new URL("./fixtures/compiling-loader.mjs", import.meta.url).href, fixture("stalls-on-thread.mjs")], { env: { ...process.env, NODE_OPTIONS: "", NODE_ENV: "test" } });
    places = JSON.parse(stdout) as typeof places;
  }
  expect(places).toEqual(places.map(() => ["stalls-on-thread.mjs", 14]));
});
