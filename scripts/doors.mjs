// Writes the CommonJS entry ("door") of each public entry: `x.cjs`, which requires the ES module (Node 20.19
// and later), and `x.d.cts`, its types. In a context of Jest it loads that module as Node does. Each type is an import of the ES module's type, so a program that
// mixes both module systems has one type `Future`, not two.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import ts from "typescript-6";
import { listFiles, root } from "./bundle.mjs";
import { checksNode, hostsCreateRequire, inMainContext } from "./hand-over.mjs";

/** Brings the doors of all packages up to date. */
export function writeDoors(packages) {
  const doors = packages.flatMap(doorsOf);
  if (doors.every(isFresh)) return;
  writeFileSync(join(root, "packages/workers/dist/entry/thread.cjs"), threadEntry);
  const program = ts.createProgram(doors.map(({ types }) => types), { module: ts.ModuleKind.NodeNext, noEmit: true, skipLibCheck: true, types: [] });
  for (const door of doors) {
    writeFileSync(door.cjs, codeOfDoor(door));
    writeFileSync(join(door.folder, "dist/as-node.cjs"), asNode);
    writeFileSync(door.cts, typesOfDoor(program.getTypeChecker(), program.getSourceFile(door.types)));
  }
}

/** The entries of a package whose `exports` have a `require` condition. */
function doorsOf(name) {
  const folder = join(root, "packages", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const at = (path) => join(folder, path);
  return Object.values(exports)
    .filter((entry) => entry.require !== undefined)
    .map((entry) => ({ folder, module: at(entry.import.types.replace(/\.d\.ts$/, ".js")), types: at(entry.import.types), cjs: at(entry.require.default), cts: at(entry.require.types) }));
}

/** What a door's code is written from. */
const scripts = ["doors.mjs", "hand-over.mjs"].map((name) => join(root, "scripts", name));

/** Whether no declaration of its package is newer than the door, and no script that writes it. */
function isFresh({ folder, cts }) {
  if (!existsSync(cts)) return false;
  const written = statSync(cts).mtimeMs;
  return [...scripts, ...listFiles(join(folder, "dist"), /\.d\.ts$/)].every((file) => statSync(file).mtimeMs <= written);
}

/**
 * `register` has a top-level await, and `require()` refuses such modules. So its door imports it, and the program does
 * not wait for it. `@jest/globals` can be loaded by a module in Jest's own context alone, so the doors to it stay there.
 */
function codeOfDoor({ folder, module }) {
  return `${checksNode}\n${loadsOfDoor(folder, module)}`;
}

function loadsOfDoor(folder, module) {
  const name = `./${basename(module)}`;
  if (name === "./register.js") return `void import("${name}");\n`;
  if (name === "./jest.js") return basename(folder) === "offloop" ? `module.exports = require("@offloop/watchdog/jest");\n` : jestDoor;
  const load = `${hasNodesRequire} ? require("${name}") : require("node:module").createRequire(__filename)("${name}")`;
  return `module.exports = ${inMainContext} ? (${compilesAnew} ? require("./${"../".repeat(depthOf(folder, module))}as-node.cjs")(() => ${load}) : ${load}) : ${hostsCreateRequire}(__filename)("${name}");\n`;
}

/** The number of folders between the door of a module and the folder `dist`. */
function depthOf(folder, module) {
  return relative(join(folder, "dist"), module).split(/[\\/]/).length - 1;
}

/** Not in a CommonJS module whose text a hook of the ES module loader gives: its `require` links no ES module on Node 20 and 22. */
const hasNodesRequire = "require.cache";

/** Whether tsx is active, which compiles what is required anew: its loader has this name. */
const compilesAnew = 'require("node:module")._extensions[".js"].name === "transformer"';

const asNode = `// A loader must not compile these modules anew, because each class would be there twice. While \`load\` runs, they
// are required as Node alone would do it.
const { readFileSync } = require("node:fs");
const { _extensions: extensions } = require("node:module");

module.exports = (load) => {
  const loader = extensions[".js"];
  extensions[".js"] = (module, file) => (file.startsWith(__dirname) ? module._compile(readFileSync(file, "utf8"), file, "module") : loader(module, file));
  try {
    return load();
  } finally {
    extensions[".js"] = loader;
  }
};
`;

/** The entry of a thread, for piscina, which would require an ES module: workers/src/thread/thread-worker.ts says why it must not. */
const threadEntry = `const entry = import("./thread.js");

module.exports = async (setup) => (await entry).default(setup);
`;

const jestDoor = `const { LoopHeldError, _guardTests, allowBlocking } = ${hostsCreateRequire}(__filename)("./watched/face-bundle.js");
const hooks = require("@jest/globals");
module.exports = { LoopHeldError, allowBlocking, failOnStall: (options = {}) => _guardTests(hooks, options) };
`;

function typesOfDoor(checker, face) {
  const from = `"./${basename(face.fileName).replace(/\.d\.ts$/, ".js")}"`;
  const lines = [];
  const types = [];
  for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(face))) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if ((symbol.flags & ts.SymbolFlags.Value) === 0 || isTypeOnly(exported)) {
      types.push(exported.name);
      continue;
    }
    const whole = `import(${from}, { with: { "resolution-mode": "import" } }).${exported.name}`;
    lines.push(...docOf(symbol), `export declare const ${exported.name}: typeof ${whole};`);
    if ((symbol.flags & ts.SymbolFlags.Type) === 0) continue;
    const parameters = parametersOf(symbol);
    const list = (texts) => (texts.length === 0 ? "" : `<${texts.join(", ")}>`);
    lines.push(`export type ${exported.name}${list(parameters.map((each) => each.getText()))} = ${whole}${list(parameters.map((each) => each.name.text))};`);
  }
  // Imported by name, because the constraint of a type parameter may name one of them.
  if (types.length > 0) lines.unshift(`import type { ${types.join(", ")} } from ${from} with { "resolution-mode": "import" };`, `export type { ${types.join(", ")} };`);
  return `${lines.join("\n")}\n`;
}

/** The doc comment, copied so that editors show it in CommonJS programs too. */
function docOf(symbol) {
  const comments = symbol.declarations.flatMap((each) => ts.getJSDocCommentsAndTags(each)).filter((each) => ts.isJSDoc(each));
  return comments.slice(-1).map((each) => each.getText());
}

/** `export type { X }` of a class exports its type alone. */
function isTypeOnly(exported) {
  return exported.declarations.some((each) => ts.isExportSpecifier(each) && (each.isTypeOnly || each.parent.parent.isTypeOnly));
}

/** The type parameters of a class, an interface or a type alias. */
function parametersOf(symbol) {
  const declaration = symbol.declarations.find((each) => ts.isClassDeclaration(each) || ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each));
  return declaration?.typeParameters ?? [];
}
