// `node scripts/old-nodes.mjs <folder> <node>…`: in a folder in which the packages are installed, imports and requires each
// package and runs the command by Nodes that are too old. Each must say so in one sentence.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const [folder, ...nodes] = process.argv.slice(2);
const packages = readdirSync(join(root, "packages")).map((name) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")).name);

for (const node of nodes) {
  const run = (...args) => spawnSync(node, args, { cwd: folder, encoding: "utf8", timeout: 60_000 });
  const version = run("--version").stdout.trim();
  const sentence = `offloop needs Node.js 20.19, 22.12 or later, and this is ${version}. Run the`;
  const expect = (what, { status, stderr }, pattern) => {
    if (status !== 1 || !pattern.test(stderr) || !stderr.includes(sentence)) throw new Error(`${what} on Node ${version} ended with ${status}:\n${stderr}`);
  };
  for (const name of packages) {
    expect(`import of ${name}`, run("--input-type=module", "-e", `import ${JSON.stringify(name)};`), /^Error: offloop needs/m);
    expect(`require of ${name}`, run("-e", `require(${JSON.stringify(name)})`), /^Error: offloop needs/m);
  }
  for (const args of [["--help"], ["watch", "app.js"], ["dump", "1"], ["attach", "1"], ["top", "1"], ["host"]]) expect(`offloop ${args.join(" ")}`, run("node_modules/offloop/dist/bin.js", ...args), /^offloop needs .*\n$/);
  console.log(`Node ${version}: ${packages.length} packages and the command say that it is too old`);
}
