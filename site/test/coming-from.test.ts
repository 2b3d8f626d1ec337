// The comparisons with other libraries: both programs of each pair run, each with its library, and print the text below them.
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis } from "../../scripts/servers.mjs";

const docs = join(import.meta.dirname, "../../docs/coming-from");
// Inside the package of the site, so that the programs find the libraries.
const folder = join(import.meta.dirname, "../dist-docs");

interface Pair {
  readonly title: string;
  /** The text of each file, by its name. */
  readonly files: ReadonlyMap<string, string>;
  readonly programs: readonly string[];
  readonly output: string;
}

const filesOf = (text: string): [string, string][] => [...text.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, name, code]) => [name!, code!]);

/** The pairs of a page. The files before its first section belong to each of them. */
function pairsOf(page: string): Pair[] {
  const [shared, ...sections] = readFileSync(join(docs, page), "utf8").split(/^## /m);
  return sections.flatMap((section) => {
    const [, inside, output] = /^<!-- side by side -->$([^]*)^<!-- \/side by side -->\n\n```text\n([^]*?)^```$/m.exec(section) ?? [];
    if (inside === undefined) return [];
    const programs = [filesOf(inside)[0]![0], filesOf(inside).at(-1)![0]];
    return [{ title: section.split("\n")[0]!, files: new Map([...filesOf(shared!), ...filesOf(inside)]), programs, output: output! }];
  });
}

let redis: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(readdirSync(docs))("%s", (page) => {
  const pairs = pairsOf(page);

  it("has pairs, the second program of each with offloop", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(2);
    expect(new Set(pairs.map(({ programs }) => programs[1]))).toEqual(new Set(["offloop.mjs"]));
    // Every block of code belongs to a pair, or to all.
    expect(readFileSync(join(docs, page), "utf8").match(/^```js$/gm)!.length).toBe(new Set(pairs.flatMap(({ title, files }) => [...files.keys()].map((name) => (name === "work.mjs" ? name : title + name)))).size);
  });

  it.each(pairs.flatMap((pair, index) => pair.programs.map((program) => ({ ...pair, index, program }))))("$title, by $program", async ({ index, files, program, output }) => {
    const own = join(folder, page, String(index));
    mkdirSync(own, { recursive: true });
    for (const [name, code] of files) writeFileSync(join(own, name), code);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { cwd: own, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", REDIS_URL: redis.url } });
    expect(stdout, stderr).toBe(output);
  });
});
