// The type tests of the packages hold for each version of TypeScript that we state, not only for the one that
// builds them. `npm run typecheck` runs them with TypeScript 7.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "offloop-type-versions-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** They run language services of their own: tests of an editor, and no programs. */
const isOfEditor = (file: string): boolean => file.startsWith("editor");

const programs = ["core", "workers"].flatMap((name) => {
  const types = join(root, "packages", name, "test/types");
  return readdirSync(types).filter((file) => file.endsWith(".test.ts") && !isOfEditor(file)).map((file) => join(types, file));
});

const project = join(folder, "tsconfig.json");
const compilerOptions = {
  target: "es2022", lib: ["es2023", "esnext.disposable"], module: "nodenext", moduleResolution: "nodenext",
  strict: true, noEmit: true, skipLibCheck: true, types: ["node"], typeRoots: [join(root, "node_modules/@types")],
};
writeFileSync(project, JSON.stringify({ compilerOptions, files: programs }));

describe("the type tests hold", () => {
  it.each(["5.4", "5.6", "6"])("with TypeScript %s", async (version) => {
    const tsc = join(root, "node_modules", `typescript-${version}`, "bin/tsc");
    const output = await new Promise((resolve) => execFile(process.execPath, [tsc, "-p", project], (_error, stdout, stderr) => resolve(stdout + stderr)));
    expect(output).toBe("");
  }, 120_000);
});
