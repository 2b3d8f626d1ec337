// Compiles one small program against the packages as they ship, without skipLibCheck and with `types: []`, under
// each way in which TypeScript finds a package's types: from 5.4 to 7, CommonJS and ES modules.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, copyTypes, manifestOf, root, sourceOf } from "./installed-types.js";

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

/** The oldest and the newest resolve in each of their ways, those between in one. `nodenext` of the oldest is its `node16`, and TypeScript 7 has no `node10`. */
const cases = [
  ...["node10", "node16, CommonJS", "node16, ES module", "bundler"].map((mode) => ({ version: "5.4", mode })),
  { version: "5.9", mode: "nodenext, ES module" },
  { version: "6", mode: "nodenext, CommonJS" },
  ...["nodenext, CommonJS", "nodenext, ES module", "bundler"].map((mode) => ({ version: "7", mode })),
];

const program = (face: string) => `
import { createTask, Future, gather, toThread, ThreadPoolExecutor, type CallOptions } from "${face}";
import { InlineExecutor } from "@offloop/workers";
import type { Executor } from "@offloop/workers/executor";
export type * as pool from "@offloop/workers/pool";
export type * as testing from "@offloop/workers/testing";
export type * as worker from "@offloop/workers/worker";
export type * as watchdog from "@offloop/watchdog";

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
  for (const name of ["offloop", "@offloop/core", "@offloop/workers", "@offloop/watchdog"]) install(name, modules);
  for (const { file } of Object.values(modes)) writeFileSync(join(project, file), program("offloop"));
});

afterAll(() => rmSync(project, { recursive: true }));

/** Installs a package of ours, with its dependencies beside it. */
function install(name: string, modules: string): void {
  copyTypes(name, join(modules, name));
  const dependencies = Object.keys(manifestOf(name).dependencies ?? {}).filter((each) => !each.includes("offloop"));
  for (const each of dependencies) symlinkSync(join(sourceOf(name), "node_modules", each), join(modules, each));
}

describe("a program of a few lines compiles", () => {
  it.each(cases)("with TypeScript $version, $mode", async ({ version, mode }) => {
    const { module, moduleResolution, file } = modes[mode]!;
    const compilerOptions = { noEmit: true, strict: true, target: "es2022", lib: ["es2022", "esnext.disposable"], types: [], esModuleInterop: true, module, moduleResolution };
    expect(await compile(compilers[version]!, compilerOptions, project, [file])).toBe("");
  }, 120_000);
});
