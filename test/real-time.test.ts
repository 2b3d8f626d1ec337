// Checks that the pools and the loop run on the functions of time that they read when they were loaded. Test runners and
// tasks replace the global ones.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$|(?<=[;{}])\s*\/\/.*$|`[^`]*`/gm;
const names = ["clearInterval", "clearTimeout", "queueMicrotask", "setImmediate", "setInterval", "setTimeout"];

/** The global functions of time that a module uses. */
function globalsOf(code: string): string[] {
  const text = code.replaceAll(comments, "");
  const imported = new Set(Array.from(text.matchAll(/^import \{([^}]*)\} from "[^"]*real-time\.js";$/gm), ([, list]) => list!.match(/\w+/g)!).flat());
  const called = names.filter((name) => new RegExp(`(?<![\\w$.#"])${name}\\(`).test(text) && !imported.has(name));
  return /(?<![\w$.])(?:performance|Date)\.now\b/.test(text) ? [...called, "performance.now"] : called;
}

it.each(["workers", "core", "http", "fastify", "nest"])("no module of %s uses a global function of time", (name) => {
  const src = join(packages, name, "src");
  const found = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("real-time.ts") && !file.replaceAll("\\", "/").startsWith("testing/"))
    .flatMap((file) => globalsOf(readFileSync(join(src, file), "utf8")).map((each) => `${file}: ${each}`));
  expect(found).toEqual([]);
});

it("finds such a use", () => {
  expect(globalsOf('import { setTimeout } from "./real-time.js";\nsetTimeout(() => {}, 1);\nqueueMicrotask(f);\n// setImmediate(f)\nthis.setInterval(f);\nperformance.now();')).toEqual(["queueMicrotask", "performance.now"]);
});
