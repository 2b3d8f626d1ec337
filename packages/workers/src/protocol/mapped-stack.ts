// Source-maps the frames of functions that travelled as code. A worker compiles them under the name of the caller's
// file, of which only this side has loaded the source map. Node maps all other frames where it prints them.

/** The location at the end of a frame. */
const LOCATION = /(?<=[\s(])((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]*?):(\d+):(\d+)(?=\)?$)/gm;

/**
 * The stack with the locations in the sources, if this process maps stacks: by `--enable-source-maps`, as tsx does, or
 * by an `Error.prepareStackTrace` of its own, as Jest and ts-node do.
 * @param mapped the files whose locations are those in the sources already
 */
export function mappedStack(stack: string, mapped: readonly string[] = []): string {
  const format = programsFormat();
  const locate = process.sourceMapsEnabled ? byNode : format && byProgram(format);
  if (locate === undefined) return stack;
  return stack.replaceAll(LOCATION, (location, file: string, line: string, column: string) => (mapped.includes(file) ? location : (locate(file, Number(line), Number(column)) ?? location)));
}

/** The files in the stack that this side has loaded itself, through a loader, and whose locations it has mapped. */
export function filesMappedHere(stack: string): string[] | undefined {
  const byProgram = programsFormat() !== undefined;
  if (!process.sourceMapsEnabled && !byProgram) return undefined;
  const { createRequire, findSourceMap } = process.getBuiltinModule("node:module");
  const { cache } = createRequire(import.meta.url);
  const files = new Set(Array.from(stack.matchAll(LOCATION), ([, file]) => file!));
  return [...files].filter((file) => (byProgram && Object.hasOwn(cache, pathOf(file))) || (process.sourceMapsEnabled && findSourceMap(file) !== undefined));
}

/** The program's own `Error.prepareStackTrace`. Node has one too, of this name, which maps nothing unless source maps are enabled. */
function programsFormat(): NonNullable<typeof Error.prepareStackTrace> | undefined {
  const { prepareStackTrace } = Error;
  return typeof prepareStackTrace === "function" && prepareStackTrace.name !== "ErrorPrepareStackTrace" ? prepareStackTrace : undefined;
}

type Locate = (file: string, line: number, column: number) => string | undefined;

function byNode(file: string, line: number, column: number): string | undefined {
  const found = process.getBuiltinModule("node:module").findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (found === undefined || !("originalSource" in found)) return undefined;
  const { originalSource, originalLine, originalColumn } = found;
  return `${pathOf(originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
}

/** Lets the program format a stack of one frame. */
function byProgram(prepareStackTrace: NonNullable<typeof Error.prepareStackTrace>): Locate {
  return (file, line, column) => {
    try {
      const path = pathOf(file);
      const text: unknown = prepareStackTrace(new Error("a stack"), [siteAt(path, line, column)]);
      const [, source = path, ...position] = (typeof text === "string" && new RegExp(LOCATION.source, "m").exec(text)) || [];
      const changed = position.length > 0 && (source !== path || Number(position[0]) !== line || Number(position[1]) !== column);
      return changed ? `${source}:${position.join(":")}` : undefined;
    } catch {
      return undefined;
    }
  };
}

function pathOf(file: string): string {
  return file.startsWith("file://") ? process.getBuiltinModule("node:url").fileURLToPath(file) : file;
}

const methods = ["getThis", "getTypeName", "getFunction", "getFunctionName", "getMethodName", "getFileName", "getLineNumber", "getColumnNumber", "getEvalOrigin", "getPromiseIndex", "getScriptNameOrSourceURL", "isToplevel", "isEval", "isNative", "isConstructor", "isAsync", "isPromiseAll"];

/** A frame of which no more than the location is known. Its methods are on its prototype, where formatting functions look for them. */
function siteAt(file: string, line: number, column: number): NodeJS.CallSite {
  const answers: Readonly<Record<string, unknown>> = { getFileName: file, getScriptNameOrSourceURL: file, getLineNumber: line, getColumnNumber: column, isToplevel: true };
  const site = Object.fromEntries(methods.map((name) => [name, () => answers[name] ?? (name.startsWith("is") ? false : null)]));
  return Object.create({ ...site, toString: () => `${file}:${line}:${column}` }) as NodeJS.CallSite;
}
