// Bundles the sources of each package into a few files, because each module that Node loads costs time.
// Each module of src/ also has a file at its own place in dist/, which re-exports from the bundle. So the
// entries of workers, the public subpaths and the tests' #core/… and #workers/… all lead to the same code.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { checksNode, handOver } from "./hand-over.mjs";
import { addTraced } from "./traced.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The bundles of each package, lowest first. Modules that are needed together share a bundle. A module
 * that matches no bundle stays a file of its own. A bundle lies as many folders deep as its modules,
 * because they use `new URL("…", import.meta.url)`.
 */
export const packages = {
  workers: {
    "executor/bundle": /^executor\/(?!base-executor|inline-|map-)|^function\/load-leaving$|^remote\/(proxy|remote|remote-call)$/,
    "protocol/bundle": /^(frames|protocol)\//,
    "entry/bundle": /^(entry\/(?!process|actor|search)|function\/arriving\/)/,
    "remote/bundle": /^remote\/|^entry\/actor-blueprint$/,
    "dispatch/face-bundle": /^(executor\/|dispatch\/(load-engine|pool-executor|pool-options)$|(thread|process)\/.*-(kind|pool-executor)$|function\/(task|worker-module)$|actor\/(actor-options|index|spawn-actor)$)/,
    "dispatch/bundle": /^(dispatch|function(?!\/admitting)|process|thread)\//,
    "function/admitting/bundle": /^function\/admitting\//,
    "actor/bundle": /^actor\//,
  },
  core: {
    "loop/bundle": /^(future|loop|offload|sync|task)\/|^(errors|event-loop|run|run-listeners|virtual-time-loop)$/,
  },
  watchdog: {
    "watched/face-bundle": /^(errors|guard|hook|report\/console|protocol\/(marks|monotonic)|watched\/(allow-blocking|channels|environment|start-watchdog))$/,
    "protocol/metrics-bundle": /^protocol\/(bucket-counts|metrics)$/,
    "watched/bundle": /^(watched|protocol)\/|^report\/log-entry$/,
    "thread/bundle": /^(place|report|thread)\//,
    "outside/bundle": /^outside\//,
    "cli/bundle": /^cli\/(?!bin$)/,
  },
  remote: {
    "caller/bundle": /^(caller|host|messages|options|transport)\//,
  },
  http: {
    bundle: /^(?!index$)/,
  },
  bullmq: {
    "processor/bundle": /^processor\//,
    "transport/bundle": /^transport\/(?!open-transport$)/,
  },
  nats: {
    "transport/bundle": /^transport\/(?!open-transport$)/,
  },
  fastify: {
    bundle: /^(?!index$)/,
  },
  nest: {
    bundle: /^(?!index$)/,
  },
  opentelemetry: {
    bundle: /^(?!index$)/,
  },
  prometheus: {
    bundle: /^(?!index$)/,
  },
  offloop: {},
};

/**
 * The bundle that takes the place of a public entry (`exports` in package.json), which saves the loading of an
 * `index.js`. Lowest first. The names of its exports that only modules of the package import begin with an underscore.
 */
const faces = {
  workers: { "executor/index": "executor/bundle", index: "dispatch/face-bundle" },
  core: { index: "loop/bundle" },
  watchdog: { index: "watched/face-bundle" },
  remote: {},
  http: { index: "bundle" },
  bullmq: {},
  nats: {},
  fastify: { index: "bundle" },
  nest: { index: "bundle" },
  opentelemetry: { index: "bundle" },
  prometheus: { index: "bundle" },
  offloop: {},
};

/** The bundles from which file tracers reach what the package loads by path. */
const traced = { workers: "dispatch/face-bundle", watchdog: "watched/face-bundle" };

/** Modules that stay files of their own. A worker finds the functions of the contract suite's fixtures by their module. Their load time matters to no program. */
const apart = /^testing\//;

/** What a browser loads: bundled by itself, beside the files that it needs. */
const page = /^page\//;
const pageEntry = "page/live";

/** Modules that stay in the context that loads them, because the test runner is there. */
const staying = /^(testing\/.*|vitest|node-test|jest)\.js$/;

/** Packages that are not bundled but imported from where they are installed. */
const external = /^(node:|@jest\/globals|@nats-io\/|@nestjs\/|@offloop\/|@opentelemetry\/|acorn|bullmq|es-module-lexer|fastify|ioredis|piscina|prom-client|unplugin|vitest)/;

/** Helpers that the bundler adds: for namespace objects, and for `using`, which Node 20 does not know. */
const helpers = /rolldown\/runtime|@oxc-project/;

/**
 * Parameters, local variables and private members get short names, which V8 scans faster. Lines, and the names of functions, classes and
 * what a module declares, stay: a stack and the line that Node prints of an uncaught error can be read without a source map.
 */
const shorterLocals = { compress: false, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: false } };

/** Brings the bundles up to date. A file whose contents do not change keeps its modification time. */
export async function bundle() {
  for (const [name, bundles] of Object.entries(packages)) await bundlePackage(join(root, "packages", name), Object.entries(bundles), Object.entries(faces[name]));
}

async function bundlePackage(folder, bundles, faces) {
  const src = join(folder, "src");
  const dist = join(folder, "dist");
  const nameOf = (id) => relative(src, id).slice(0, -".ts".length).replaceAll("\\", "/");
  const modules = listFiles(src, /\.ts$/).map(nameOf);
  const bundled = modules.filter((module) => !apart.test(module) && !page.test(module));
  const output = [
    ...(await generate(dist, src, bundled, { external, resolve: { extensionAlias: { ".js": [".ts"] } } }, {
      codeSplitting: {
        groups: bundles.map(([name, mine], index) => ({
          name,
          priority: bundles.length - index,
          test: (id) => mine.test(nameOf(id)) || (index === 0 && helpers.test(id)),
        })),
      },
    })),
    ...(await generate(dist, src, modules.filter((module) => apart.test(module)), { external: /^(node:|\.\.?\/)/, makeAbsoluteExternalsRelative: false }, {})),
    ...(await generate(dist, src, modules.filter((module) => module === pageEntry), { platform: "browser", resolve: { extensionAlias: { ".js": [".ts"] } } }, {})),
  ];
  for (const file of output) if (file.type === "chunk") checkDepth(file, src);
  const code = new Map(output.filter(({ type }) => type === "chunk").map((file) => [file.fileName, file.code]));
  for (const [index, face] of faces) joinFace(code, `${index}.js`, `${face}.js`);
  const entry = traced[basename(folder)];
  if (entry !== undefined) addTraced(code, `${entry}.js`);
  const files = new Map(output.map((file) => [join(dist, file.fileName), file.type === "chunk" ? shipped(file.fileName, code.get(file.fileName)) : file.source]));
  for (const path of listFiles(src, /\.(html|css)$/)) files.set(join(dist, relative(src, path)), readFileSync(path, "utf8"));
  if (code.has("traced.cjs")) files.set(join(dist, "traced.cjs"), code.get("traced.cjs"));
  for (const [path, text] of files) writeWhereNew(path, text);
  for (const path of listFiles(dist, /\.js(\.map)?$/)) if (!files.has(path)) rmSync(path);
  // The compiler leaves the declarations of a source that has gone.
  const known = new Set(modules);
  for (const path of listFiles(dist, /\.d\.ts(\.map)?$/)) if (!known.has(relative(dist, path).replaceAll("\\", "/").replace(/\.d\.ts(\.map)?$/, ""))) rmSync(path);
}

function shipped(file, code) {
  const written = takeBuiltins(inAscii(code));
  return checkedNode(staying.test(file) ? written : handOver(file, written));
}

/** Builds a file for each module, and the bundles of `outputOptions`. */
async function generate(dist, src, modules, inputOptions, outputOptions) {
  if (modules.length === 0) return [];
  const build = await rolldown({
    input: Object.fromEntries(modules.map((module) => [module, join(src, `${module}.ts`)])),
    platform: "node",
    treeshake: { moduleSideEffects: true },
    transform: { target: "es2023" },
    ...inputOptions,
  });
  const { output } = await build.generate({
    dir: dist,
    format: "esm",
    sourcemap: true,
    minify: shorterLocals,
    minifyInternalExports: false,
    comments: { legal: true, annotation: true, jsdoc: false },
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    ...outputOptions,
  });
  await build.close();
  return output;
}

/** Lets the bundle `face` export what `index` exports, under the same names, and marks its other exports as internal. */
function joinFace(code, index, face) {
  const taken = new Map();
  for (const [, names, from] of code.get(index).matchAll(IMPORT)) for (const { name, as } of namesIn(names)) taken.set(as, { name, from });
  const own = new Map();
  const others = new Map();
  for (const { name, as } of namesIn(code.get(index).match(EXPORT)[1])) {
    const { name: original, from } = taken.get(name);
    if (pathOf(index, from) === face) {
      own.set(original, as);
    } else {
      const path = from.startsWith(".") ? pathTo(face, pathOf(index, from)) : from;
      others.set(path, [...(others.get(path) ?? []), renamed(original, as)]);
    }
  }
  const shown = (name) => own.get(name) ?? `_${name}`;
  for (const [file, text] of code) {
    code.set(file, text.replaceAll(IMPORT, (line, names, from) => (pathOf(file, from) === face ? `import { ${namesIn(names).map(({ name, as }) => renamed(shown(name), as)).join(", ")} } from "${from}";` : line)));
  }
  code.set(face, code.get(face).replace(EXPORT, (_, names) => [...[...others].map(([path, list]) => `export { ${list.join(", ")} } from "${path}";`), `export { ${namesIn(names).map(({ name, as }) => renamed(name, shown(as))).join(", ")} };`].join("\n")));
}

const IMPORT = /^import \{ ([^}]+) \} from "([^"]+)";$/gm;
const EXPORT = /^export \{ ([^}]+) \};$/m;

const namesIn = (list) => list.split(", ").map((each) => each.split(" as ")).map(([name, as = name]) => ({ name, as }));
const renamed = (name, as) => (name === as ? name : `${name} as ${as}`);
const pathOf = (file, specifier) => posix.join(posix.dirname(file), specifier);
const pathTo = (file, path) => posix.relative(posix.dirname(file), path).replace(/^(?!\.)/, "./");

/**
 * Replaces each import of a Node module by a call of `process.getBuiltinModule`. An import makes Node read every
 * export of the module, and some getters of `fs`, `util` and `stream` load about twenty further modules in each
 * worker. The import of a module that the bundle does not use is removed.
 */
function takeBuiltins(code) {
  return code.replaceAll(/^import \{ ([^}]+) \} from ("node:[^"]+");\n/gm, (line, names, module) => {
    const rest = code.replace(line, "");
    const used = namesIn(names).filter(({ as }) => new RegExp(`(?<![\\w$.])${as.replaceAll("$", "\\$")}(?![\\w$])`).test(rest));
    return used.length === 0 ? "\n" : `const { ${used.map(({ name, as }) => (name === as ? name : `${name}: ${as}`)).join(", ")} } = process.getBuiltinModule(${module});\n`;
  });
}

/** Lets a bundle that imports no other one check the version of Node. One of these runs before any other bundle. */
function checkedNode(code) {
  return code.includes("process.getBuiltinModule") && !/^import [^;]* from "(\.|@offloop\/)/m.test(code) ? code.replace(/^(#!.*\n)?/, `$&${checksNode}`) : code;
}

/** Writes characters outside ASCII as escapes. All of them are in string literals. With one such character, V8 keeps the whole source in twice the memory. */
function inAscii(code) {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Refuses a bundle at another depth than one of its modules that finds other files by `import.meta.url`. */
function checkDepth({ fileName, moduleIds }, src) {
  const depth = (path) => path.split("/").length;
  for (const id of moduleIds.filter((each) => each.startsWith(src))) {
    const module = relative(src, id).replaceAll("\\", "/");
    if (depth(module) === depth(fileName) || !/new URL\("\.[^)]*import\.meta\.url|import\.meta\.url(?:\)\(|, )"\./.test(readFileSync(id, "utf8"))) continue;
    throw new Error(`${module} finds files by import.meta.url, but its bundle ${fileName} lies at another depth: in scripts/bundle.mjs, move the module to a bundle at its own depth`);
  }
}

export function listFiles(folder, pattern) {
  return readdirSync(folder, { recursive: true }).filter((file) => pattern.test(file)).map((file) => join(folder, file));
}

function writeWhereNew(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  writeFileSync(path, text);
}
