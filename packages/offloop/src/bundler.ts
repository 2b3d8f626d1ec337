// `offloop/bundler`: keeps offloop's packages out of a bundle, and puts them beside it.
//
//   import … from "offloop" in the program ─▶ stays an import ─▶ <folder of the bundle>/node_modules/offloop
//
// A worker starts from files of these packages, and the program must use the same classes as its workers. So the
// packages are copied unchanged, with their dependencies. The bundle's folder can then be deployed without an install.
import { createUnplugin } from "unplugin";
import { copyPackages } from "./copy-packages.js";

/** The packages by name, and their subpaths. */
const OURS = /^(?:offloop|@offloop\/[\w-]+)(?:\/|$)/;

/** A plug-in of Rollup, Rolldown or Vite. */
export interface RollupPlugin {
  /** The name of the plug-in in messages of the bundler. */
  name: string;
}

/** A plug-in of esbuild. */
export interface EsbuildPlugin {
  /** The name of the plug-in in messages of the bundler. */
  name: string;
  /** Called by esbuild. */
  setup(build: any): void | Promise<void>;
}

/** A plug-in of webpack or Rspack. */
export interface WebpackPlugin {
  /** Called by webpack. */
  apply(compiler: any): void;
}

/** The plug-in for each bundler. */
export interface BundlerPlugins {
  /** For `plugins` of `build()`. */
  readonly esbuild: () => EsbuildPlugin;
  /** For `plugins` of Rollup's configuration. */
  readonly rollup: () => RollupPlugin;
  /** For `plugins` of Rolldown's configuration. */
  readonly rolldown: () => RollupPlugin;
  /** For `plugins` of Vite's configuration. */
  readonly vite: () => RollupPlugin;
  /** For `plugins` of webpack's configuration. */
  readonly webpack: () => WebpackPlugin;
  /** For `plugins` of Rspack's configuration. */
  readonly rspack: () => WebpackPlugin;
}

interface RollupOutput {
  readonly dir?: string;
  readonly file?: string;
}

interface EsbuildBuild {
  readonly initialOptions: { readonly outdir?: string; readonly outfile?: string; readonly absWorkingDir?: string };
  onEnd(callback: () => Promise<void>): void;
}

interface WebpackCompiler {
  readonly options: { readonly output: { readonly module?: boolean } };
  readonly outputPath: string;
  readonly webpack?: WebpackNamespace;
  readonly rspack?: WebpackNamespace;
  readonly hooks: { readonly afterEmit: { tapPromise(name: string, callback: () => Promise<void>): void } };
}

interface WebpackNamespace {
  readonly ExternalsPlugin: new (type: string, externals: RegExp) => { apply(compiler: WebpackCompiler): void };
}

const rollupLike = { writeBundle: ({ dir, file }: RollupOutput) => copyPackages(dir ?? dirnameOf(file!)) };

const plugins = createUnplugin(() => ({
  name: "offloop",
  enforce: "pre" as const,
  resolveId: (id: string) => (OURS.test(id) ? { id, external: true } : undefined),
  rollup: rollupLike,
  rolldown: rollupLike,
  vite: rollupLike,
  esbuild: {
    setup(build: EsbuildBuild) {
      const { outdir, outfile, absWorkingDir = "" } = build.initialOptions;
      const folder = outdir ?? (outfile === undefined ? undefined : dirnameOf(outfile));
      if (folder !== undefined) build.onEnd(() => copyPackages(folder, absWorkingDir));
    },
  },
  webpack: keepOut,
  rspack: keepOut,
}) as never) as unknown as BundlerPlugins;

/** webpack and Rspack have a plug-in for externals. A resolver cannot mark a module as external there. */
function keepOut(compiler: WebpackCompiler): void {
  const { ExternalsPlugin } = (compiler.webpack ?? compiler.rspack)!;
  new ExternalsPlugin(compiler.options.output.module === true ? "module" : "node-commonjs", OURS).apply(compiler);
  compiler.hooks.afterEmit.tapPromise("offloop", () => copyPackages(compiler.outputPath));
}

function dirnameOf(file: string): string {
  return process.getBuiltinModule("node:path").dirname(file);
}

/**
 * The plug-in that makes a bundled program work with offloop: threads, processes, actors and the watchdog. It leaves
 * `offloop` and `@offloop/…` out of the bundle, and copies them, with their dependencies, to `node_modules` in the
 * folder of the bundle: about 3 MB. The program itself is bundled as usual. Its functions travel to workers as code.
 * @example
 * import { bundlerPlugin } from "offloop/bundler";
 * await esbuild.build({ entryPoints: ["src/server.ts"], bundle: true, platform: "node", format: "esm", outdir: "dist", plugins: [bundlerPlugin.esbuild()] });
 */
export const bundlerPlugin: BundlerPlugins = plugins;

/**
 * The first line of a program that becomes a single executable application (Node 22 or later): put it before the bundle,
 * which is CommonJS. It takes packages from `node_modules` beside the executable, and lets the executable start processes
 * of pools and actors: a process runs its calls, and not the program.
 * @example
 * import { bundlerPlugin, singleExecutableBanner } from "offloop/bundler";
 * await esbuild.build({ entryPoints: ["src/main.ts"], bundle: true, platform: "node", format: "cjs", outfile: "dist/main.cjs", banner: { js: singleExecutableBanner }, plugins: [bundlerPlugin.esbuild()] });
 */
export const singleExecutableBanner: string =
  'if (require("node:sea").isSea()) { require = require("node:module").createRequire(process.execPath); process.env.OFFLOOP_EXECUTABLE = process.execPath; if (process.env.OFFLOOP_WORKER !== undefined) return require(process.argv.at(-1)); }';
