// Source-maps the frames of functions that travelled as code. A worker compiles them under the name of the caller's
// file, of which only this side has loaded the source map. Node maps all other frames where it prints them.

/** The location at the end of a frame. */
const LOCATION = /((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]*?):(\d+):(\d+)(?=\)?$)/gm;

/** The stack with the locations in the sources, if this process maps stacks: by `--enable-source-maps`, or under tsx. */
export function mappedStack(stack: string): string {
  if (!process.sourceMapsEnabled) return stack;
  const { findSourceMap } = process.getBuiltinModule("node:module");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return stack.replaceAll(LOCATION, (location, file: string, line: string, column: string) => {
    const found = findSourceMap(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !("originalSource" in found)) return location;
    const { originalSource, originalLine, originalColumn } = found;
    return `${originalSource.startsWith("file://") ? fileURLToPath(originalSource) : originalSource}:${originalLine + 1}:${originalColumn + 1}`;
  });
}
