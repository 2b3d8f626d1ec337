// Offloads a function of each library of test/libraries/list.mjs, as a program imports it: by name, as default, as a
// namespace, and by require. Compares the results with those in place, and the outcome with the table of
// docs/what-travels.md.
//
//   npm run libraries               fails where a result or a cell of the table differs
//   npm run libraries -- --write    writes the table
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { libraries } from "../test/libraries/list.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".ci/libraries");
const page = join(root, "docs/what-travels.md");
const forms = ["named", "default", "namespace", "require"];

/** `name@version/path`: what is installed, and what is imported. */
function parts(spec) {
  const [, name, version, path = ""] = /^(@?[^@]+)@([^/]+)(\/.*)?$/.exec(spec);
  return { install: `${name}@${version}`, specifier: name + path, label: name + path };
}

async function install() {
  const wanted = Object.values(libraries).flat().map(([spec]) => parts(spec).install).join(" ");
  const stamp = join(folder, "installed");
  mkdirSync(folder, { recursive: true });
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix", folder, ...wanted.split(" ")], { maxBuffer: 2 ** 26 });
  mkdirSync(join(folder, "node_modules/@offloop"), { recursive: true });
  for (const name of ["core", "workers"]) {
    const link = join(folder, "node_modules/@offloop", name);
    if (!existsSync(link)) symlinkSync(join(root, "packages", name), link, "junction");
  }
  writeFileSync(stamp, wanted);
}

/** The import of a library, and the function as an expression, in one form. */
function usage({ specifier }, fn, form, viaDefault) {
  const isCode = fn.includes("=>");
  const names = isCode ? [...new Set([...fn.matchAll(/\$(\w+)/g)].map(([, name]) => name))] : [fn.split(".")[0]];
  const main = isCode ? /\$(?!\w)/.test(fn) : fn === "";
  if (form === "named" && main) return undefined;
  const base = form === "named" ? "" : viaDefault ? "lib.default." : "lib.";
  const exported = form === "namespace" && main ? "lib.default" : "lib";
  const expression = isCode ? fn.replaceAll(/\$(\w+)/g, `${base}$1`).replaceAll("$", exported) : main ? exported : `${base}${fn}`;
  const clause = { named: `import { ${names.join(", ")} } from`, default: "import lib from", namespace: "import * as lib from" }[form];
  const load = form === "require" ? `const lib = require(${JSON.stringify(specifier)});` : `${clause} ${JSON.stringify(specifier)};`;
  return { load, expression, isCode };
}

/** A module that makes one call in both ways, and says how the function travels. */
function moduleOf(library, fn, form, viaDefault) {
  const used = usage(library, fn, form, viaDefault);
  if (used === undefined) return undefined;
  const body = `exports_.inPlace = (args) => ${used.isCode ? `(${used.expression})` : used.expression}(...args);
exports_.offloaded = (toThread, args) => toThread(${used.expression}, ...args);`;
  return form === "require" ? `${used.load}\nconst exports_ = module.exports;\n${body}\n` : `${used.load}\nexport const exports_ = {};\n${body}\n`;
}

const runner = `
import { isDeepStrictEqual } from "node:util";
import { createRequire } from "node:module";
import { shutdownDefaultExecutor, toThread } from "@offloop/core";
const [form] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { libraries } = await import(${JSON.stringify(new URL("../test/libraries/list.mjs", import.meta.url).href)});
const outcomes = {};
for (const [index, [spec, fn, ...args]] of Object.values(libraries).flat().entries()) {
  let way;
  let expected;
  for (const suffix of form === "namespace" ? ["", "-default"] : [""]) {
    const file = \`./\${form}/\${index}\${suffix}.\${form === "require" ? "cjs" : "mjs"}\`;
    try {
      const loaded = form === "require" ? require(file) : (await import(file)).exports_;
      expected = structuredClone(await loaded.inPlace(structuredClone(args)));
      way = loaded;
      break;
    } catch {
      // The package has no such export.
    }
  }
  if (way === undefined) {
    outcomes[spec] = "—";
    continue;
  }
  try {
    const got = await way.offloaded(toThread, args);
    outcomes[spec] = isDeepStrictEqual(structuredClone(got), expected) ? "works" : \`gave \${JSON.stringify(got)}\`;
  } catch (error) {
    outcomes[spec] = \`failed: \${error.message}\`;
  }
}
await shutdownDefaultExecutor();
process.stdout.write("\\n@@" + JSON.stringify(outcomes));
`;

await install();
const all = Object.values(libraries).flat();
const results = {};
for (const form of forms) {
  mkdirSync(join(folder, form), { recursive: true });
  const extension = form === "require" ? "cjs" : "mjs";
  for (const [index, [spec, fn]] of all.entries()) {
    writeFileSync(join(folder, form, `${index}.${extension}`), moduleOf(parts(spec), fn, form, false) ?? "throw new Error('no such form');");
    // A namespace may have all on its default export.
    if (form === "namespace") writeFileSync(join(folder, form, `${index}-default.${extension}`), moduleOf(parts(spec), fn, form, true));
  }
  writeFileSync(join(folder, "run.mjs"), runner);
  const { stdout } = await run(process.execPath, [join(folder, "run.mjs"), form], { cwd: folder, maxBuffer: 2 ** 26 });
  results[form] = JSON.parse(stdout.split("\n@@")[1]);
}

const failures = [];
const rows = [];
for (const [kind, entries] of Object.entries(libraries)) {
  for (const [spec, fn] of entries) {
    const cells = forms.map((form) => results[form][spec]);
    for (const [index, cell] of cells.entries()) if (cell !== "works" && cell !== "—") failures.push(`${spec} ${fn} (${forms[index]}): ${cell}`);
    if (cells.every((cell) => cell === "—")) failures.push(`${spec} ${fn}: works in no form in place`);
    rows.push(`| ${kind} | ${parts(spec).label} | ${fn.includes("=>") ? "in an arrow function" : `\`${fn || "the export itself"}\``} | ${cells.join(" | ")} |`);
  }
}
if (!readFileSync(page, "utf8").includes("<!-- libraries -->")) failures.push("docs/what-travels.md has no place for the table");
const table = ["| Kind | Library | Function | `import { f }` | `import lib` | `import * as lib` | `require` |", "|---|---|---|---|---|---|---|", ...rows].join("\n");
const text = readFileSync(page, "utf8");
const updated = text.replace(/(<!-- libraries -->\n)[^]*?(<!-- end of libraries -->)/, (_, start, end) => start + table + "\n" + end);
if (process.argv.includes("--write")) writeFileSync(page, updated);
else if (updated !== text) failures.push("docs/what-travels.md differs: npm run libraries -- --write");
for (const failure of failures) console.error(failure);
console.log(`${all.length} libraries, ${forms.length} ways each, ${failures.length} failures`);
process.exit(failures.length > 0 ? 1 : 0);
