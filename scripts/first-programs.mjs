// `node scripts/first-programs.mjs <folder>`: saves the first programs of the README in a folder in which the packages are
// installed, runs each as the README says, and compares what it prints with the comment behind its console.log().
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const [folder] = process.argv.slice(2);
const readme = readFileSync(join(root, "README.md"), "utf8");
const programs = [...readme.matchAll(/^```(?:js|ts)\n\/\/ (primes\.\w+)\n[^]*?^```$/gm)].map(([block, name]) => ({ name, text: block.split("\n").slice(1, -1).join("\n") }));
if (programs.length !== 3) throw new Error(`The README has ${programs.length} first programs, not 3.`);

const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 60_000 });

for (const { name, text } of programs) {
  const expected = `${/console\.log\(.*\/\/ (.*)$/m.exec(text)[1]}\n`;
  writeFileSync(join(folder, name), `${text}\n`);
  const outputs = name.endsWith(".ts") ? [compiled(name), ...(process.features.typescript ? [run(name)] : [])] : [run(name)];
  for (const output of outputs) if (output !== expected) throw new Error(`${name} printed ${JSON.stringify(output)}, not ${JSON.stringify(expected)}.`);
  console.log(`${name}: ${expected.trim()}`);
}

/** The output of a TypeScript program that the repository's compiler has compiled. */
function compiled(name) {
  run(join(root, "node_modules/typescript/bin/tsc"), "--ignoreConfig", "--module", "nodenext", "--target", "es2023", "--strict", "--types", "node", "--outDir", "compiled", name);
  return run(join("compiled", name.replace(/ts$/, "js")));
}
