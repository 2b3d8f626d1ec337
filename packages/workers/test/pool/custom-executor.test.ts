// examples/custom-executor shows that the public exports suffice for an executor: it imports nothing else.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const folder = new URL("../../../../examples/custom-executor/src/", import.meta.url);
const importsOf = (file: string): string[] => [...readFileSync(new URL(file, folder), "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier!);

it.each(readdirSync(folder))("%s imports public subpaths, builtins and its neighbours only", (file) => {
  const imports = importsOf(file);
  expect(imports.length).toBeGreaterThan(0);
  for (const each of imports) expect(each).toMatch(/^(@offloop\/workers(\/(executor|pool|worker|testing))?|node:[\w/]+|\.\/[\w.-]+)$/);
});
