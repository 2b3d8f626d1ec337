// Finds where a function of a package stands in its sources, if the package ships a source map and the sources.
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";

const maps = new Map();

/** @returns the position of a frame in its sources; `undefined`: they are not shipped */
export function original({ file, line, column }) {
  if (!maps.has(file)) maps.set(file, readMap(file));
  const map = maps.get(file);
  const { originalSource, originalLine, originalColumn } = map?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined) return undefined;
  const source = resolve(dirname(file), map.payload.sourceRoot ?? "", originalSource);
  return existsSync(source) ? { file: source, line: originalLine + 1, column: originalColumn + 1 } : undefined;
}

function readMap(file) {
  if (!existsSync(file)) return undefined;
  const url = readFileSync(file, "utf8").match(/\/\/# sourceMappingURL=(\S+)\s*$/)?.[1];
  if (url === undefined || url.startsWith("data:")) return undefined;
  const path = resolve(dirname(file), url);
  return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}
