// A user's project: our packages as a compiler finds them once they are installed, and the compiler.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The folder of a package of ours. */
export const sourceOf = (name: string): string => join(root, "packages", name.replace("@offloop/", ""));

export function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(sourceOf(name), "package.json"), "utf8")) as Manifest;
}

/** Copies to `target` what ships of a package of ours for compilers. */
export function copyTypes(name: string, target: string): void {
  cpSync(join(sourceOf(name), "dist"), join(target, "dist"), { recursive: true, filter: (path) => !/\.(js|cjs|map|tsbuildinfo)$/.test(path) });
  cpSync(join(sourceOf(name), "package.json"), join(target, "package.json"));
}

/** Compiles files of a project. @returns what the compiler printed, which is nothing if there are no errors */
export function compile(compiler: string, compilerOptions: Readonly<Record<string, unknown>>, project: string, files: readonly string[]): Promise<string> {
  const config = join(project, `tsconfig-${randomUUID()}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, "node_modules", compiler, "bin/tsc"), "-p", config], { cwd: project }, (error, stdout, stderr) => {
      rmSync(config);
      resolve(stdout + stderr || (error?.message ?? ""));
    });
  });
}
