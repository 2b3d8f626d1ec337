// File tracers, such as those of Next and of serverless platforms, copy the files that a program imports. Most files of
// these packages are loaded by their path when they are first needed, which a tracer does not see. So each package has a
// file, `traced.cjs`, that names all of them, and its entry has an import of that file. Neither ever runs.
import { posix } from "node:path";

const PATH = /"(\.\.?\/[\w./-]+\.c?js)"/g;
const DEPENDENCY = /loadDependency\(import\.meta\.url, "([\w-]+)"\)/g;

/** A constant's property: tracers follow it, and bundlers, which would copy the files into the bundle, do not. */
const EDGE = `
// For file tracers: see traced.cjs. Never runs.
const traced = { file: "../traced.cjs" };
() => import(traced.file);`;

/** Adds to the files of a package, by their paths below `dist`, what tracers need. */
export function addTraced(code, entry) {
  const paths = new Set();
  const dependencies = new Set();
  for (const [file, text] of code) {
    if (file.startsWith("testing/")) continue;
    for (const [, path] of text.matchAll(PATH)) paths.add(posix.join(posix.dirname(file), path));
    for (const [, name] of text.matchAll(DEPENDENCY)) dependencies.add(name);
  }
  const named = [...[...paths].filter((path) => code.has(path) || path.endsWith(".cjs")).sort().map((path) => `import("./${path}")`), ...[...dependencies].sort().map((name) => `require("${name}")`)];
  code.set(entry, code.get(entry).replace(/(?=\n\/\/# sourceMappingURL)/, EDGE));
  code.set("traced.cjs", `// Names the files that this package loads by their path, for tools that copy the files of a program. Never runs.\nmodule.exports = () => [\n${named.map((each) => `  ${each},\n`).join("")}];\n`);
}
