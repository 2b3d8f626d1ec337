// Compiles one small program against the packages as they ship, without skipLibCheck, under each way in
// which TypeScript finds a package's types: from 5.4 to 7, CommonJS and ES modules.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Mode {
  readonly module: string;
  readonly moduleResolution: string;
  /** The program's file: its ending decides the module system where the mode looks at it. */
  readonly file: "app.cts" | "app.mts" | "app.ts";
}

const modes: Readonly<Record<string, Mode>> = {
  "node10": { module: "commonjs", moduleResolution: "node10", file: "app.ts" },
  "node16, CommonJS": { module: "node16", moduleResolution: "node16", file: "app.cts" },
  "node16, ES module": { module: "node16", moduleResolution: "node16", file: "app.mts" },
  "nodenext, CommonJS": { module: "nodenext", moduleResolution: "nodenext", file: "app.cts" },
  "nodenext, ES module": { module: "nodenext", moduleResolution: "nodenext", file: "app.mts" },
  "bundler": { module: "esnext", moduleResolution: "bundler", file: "app.ts" },
};

const compilers: Readonly<Record<string, string>> = {
  "5.4": "typescript-5.4",
  "5.9": "typescript-5.9",
  "6": "typescript-6",
  "7": "typescript",
};

/** TypeScript 7 has no `node10`. */
const cases = Object.keys(compilers).flatMap((version) => Object.keys(modes).filter((mode) => version !== "7" || mode !== "node10").map((mode) => ({ version, mode })));

const program = (face: string) => `
import { createTask, Future, gather, toThread, ThreadPoolExecutor, type CallOptions } from "${face}";
import { InlineExecutor } from "@offloop/workers";
import type { Executor } from "@offloop/workers/executor";

export function square(n: number): number {
  return n * n;
}

export async function main(options: CallOptions): Promise<string> {
  const pool: Executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const inline: Executor = new InlineExecutor();
  const call: Future<number> = toThread.with(options)(square, 2);
  const both: [number, number] = await gather([call, createTask(async () => 1)]);
  const size: number = await pool.submit(square, both[0]);
  // @ts-expect-error the argument is a number
  void inline.submit(square, "2");
  return size.toFixed(1);
}
`;

let project = "";

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "offloop-types-"));
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "@offloop"), { recursive: true });
  mkdirSync(join(modules, "@types"));
  symlinkSync(join(root, "node_modules/@types/node"), join(modules, "@types/node"));
  for (const name of readdirSync(join(root, "packages"))) install(name, modules);
  for (const { file } of Object.values(modes)) writeFileSync(join(project, file), program("offloop"));
});

afterAll(() => rmSync(project, { recursive: true }));

/** Lays out what ships of a package that its users' compilers read, with its dependencies beside it. */
function install(name: string, modules: string): void {
  const source = join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { name: string; dependencies?: Record<string, string> };
  const target = join(modules, manifest.name);
  cpSync(join(source, "dist"), join(target, "dist"), { recursive: true, filter: (path) => !/\.(js|cjs|map|tsbuildinfo)$/.test(path) });
  cpSync(join(source, "package.json"), join(target, "package.json"));
  for (const dependency of Object.keys(manifest.dependencies ?? {}).filter((each) => !each.includes("offloop"))) {
    symlinkSync(join(source, "node_modules", dependency), join(modules, dependency));
  }
}

function compile(compiler: string, { module, moduleResolution, file }: Mode): Promise<string> {
  const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,esnext.disposable", "--types", "node", "--esModuleInterop", "true"];
  const deprecated = compiler === "typescript-6" && moduleResolution === "node10" ? ["--ignoreDeprecations", "6.0"] : [];
  const args = [join(root, "node_modules", compiler, "bin/tsc"), ...options, ...deprecated, "--module", module, "--moduleResolution", moduleResolution, file];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: project });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}

describe("a program of a few lines compiles", () => {
  it.each(cases)("with TypeScript $version, $mode", async ({ version, mode }) => {
    expect(await compile(compilers[version]!, modes[mode]!)).toBe("");
  }, 120_000);
});
