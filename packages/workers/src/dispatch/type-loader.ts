// Finds the loader of TypeScript that this thread uses, where workers do not get it. ts-node's own command registers
// itself without an option that workers inherit. tsx registers its hooks in the main thread alone, and on Node 20 each
// thread has hooks of its own.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { workerExecArgv } from "./node-options.js";
import { LOADER_KEY, type TypeLoader } from "../protocol/type-loader.js";

/** The property of `process` under which ts-node keeps what it registered. */
const TS_NODE = Symbol.for("ts-node.register.instance");

/** What is kept there, as far as it is used: the options of the command line, the environment and the tsconfig, merged. */
interface TsNodeService {
  readonly options: object;
  readonly configFilePath: string | undefined;
}

/** The argument of `--import` or `--loader` that activates tsx. */
const TSX = /(?:^|=)(tsx(?:\/esm)?|file:.*\/tsx\/dist\/loader\.mjs)$/;

const { cache } = createRequire(import.meta.url);

/** Tells the threads that start from now on. */
export function tellThreadsOfLoader(): void {
  const loader = tsNode() ?? tsx();
  if (loader !== undefined) process.getBuiltinModule("node:worker_threads").setEnvironmentData(LOADER_KEY, loader);
}

/** The options that give a process the loader. */
export function loaderOptions(): string[] {
  const loader = tsNode();
  if (loader === undefined) return [];
  const main = JSON.stringify(loader.tsNode);
  return ["--import", `data:text/javascript,${encodeURIComponent(`import { createRequire } from "node:module"; createRequire(${main})(${main}).register(${loader.options});`)}`];
}

function tsNode(): { readonly tsNode: string; readonly options: string } | undefined {
  const service = (process as { [TS_NODE]?: TsNodeService })[TS_NODE];
  if (service === undefined || flags().some((flag) => flag.includes("ts-node"))) return undefined;
  const main = Object.keys(cache).find((file) => /[\\/]ts-node[\\/]dist[\\/]index\.js$/.test(file));
  if (main === undefined) return undefined;
  const { options, configFilePath } = service;
  // The same tsconfig, wherever the worker is. This process has checked the types already.
  return { tsNode: main, options: JSON.stringify({ ...options, project: configFilePath, skipProject: configFilePath === undefined, transpileOnly: true, typeCheck: false }) };
}

function tsx(): TypeLoader | undefined {
  if (!process.versions.node.startsWith("20.")) return undefined;
  const [, loader] = flags().map((flag) => TSX.exec(flag)).find((found) => found !== null) ?? [];
  if (loader === undefined) return undefined;
  return { register: "tsx/esm/api", from: loader.startsWith("file:") ? loader : pathToFileURL(join(process.cwd(), "package.json")).href };
}

function flags(): string[] {
  return [...workerExecArgv(), ...(process.env["NODE_OPTIONS"]?.split(/\s+/) ?? [])];
}
