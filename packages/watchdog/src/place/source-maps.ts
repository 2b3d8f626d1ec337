// Applies source maps. The watching thread reads the map that the `//# sourceMappingURL` of a file names,
// from its own file or inlined. If a loader compiled the file in memory, the map comes from the watched
// thread. Each file is read once, when it first occurs in a stack; a file without a map is remembered.
import { existsSync, realpathSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, isAbsolute, join, parse, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readSource } from "./read-source.js";

/** A position in the original source. Lines and columns count from 1. */
export interface OriginalPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface LoadedMap {
  readonly map: SourceMap;
  readonly payload: SourceMapPayload;
  readonly baseUrl: string;
  /** The compiled text. Empty if a loader compiled it in memory. */
  readonly lines: readonly string[];
}

/** Sources that maps name outside the program's folders. */
const outside = new Set<string>();

const loaded = new Map<string, LoadedMap | undefined>();

/** The files for which a loader was asked for a map. */
const asked = new Set<string>();

/** The source texts in maps, by path. Code frames use them if the source itself was not shipped. */
const carriedTexts = new Map<string, string>();

/** The original position of a position in a compiled file; `undefined`: there is no map, or the map does not contain it. */
export function originalPosition(file: string, line: number, column: number): OriginalPosition | undefined {
  const found = mapOf(file);
  if (!found || line < 1) return undefined;
  const entry = found.map.findEntry(line - 1, Math.max(0, column - 1));
  if (!("originalSource" in entry) || entry.originalSource === undefined) return undefined;
  const source = resolveSource(entry.originalSource, found.baseUrl);
  if (!isInside(source, file)) outside.add(source);
  keepText(entry.originalSource, source, found.payload);
  return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** The source's name of the identifier at a position in a compiled file; `undefined`: the map has none exactly there. */
export function nameAt(file: string, line: number, column: number): string | undefined {
  const entry = mapOf(file)?.map.findEntry(line - 1, column - 1);
  if (entry === undefined || !("generatedLine" in entry)) return undefined;
  const exact = entry.generatedLine === line - 1 && entry.generatedColumn === column - 1;
  return exact ? ((entry as { name?: string }).name ?? undefined) : undefined;
}

/** A line of a compiled file whose map has names. */
export function compiledLine(file: string, line: number): string | undefined {
  const found = mapOf(file);
  if (found === undefined || !((found.payload.names?.length ?? 0) > 0)) return undefined;
  return found.lines[line - 1];
}

/** Whether a report may show lines of a file. A map can name any file; only those below the program's folders are its sources. */
export function mayBeRead(file: string): boolean {
  return !outside.has(file);
}

/** Whether a source lies below the working directory, or in the package of the file whose map names it. Links are followed. */
function isInside(source: string, compiled: string): boolean {
  const file = real(source);
  return [process.cwd(), packageOf(compiled), packageOf(real(compiled))].map(real).some((folder) => folder !== parse(folder).root && isBelow(file, folder));
}

/** The path without links; of a file that does not exist, the path as it is. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The outermost folder around a file that has a package.json, as the root of a workspace has; without one, the folder of the file. */
function packageOf(file: string): string {
  let found = dirname(file);
  for (let folder = found; folder !== dirname(folder); folder = dirname(folder)) if (existsSync(join(folder, "package.json"))) found = folder;
  return found;
}

function isBelow(file: string, folder: string): boolean {
  const path = relative(folder, file);
  return path !== "" && !path.startsWith("..") && !isAbsolute(path);
}

/** Whether a loader may have a map of the file, because there is none on the disk. True at most once for each file. */
export function mayHaveLoaderMap(file: string): boolean {
  if (asked.has(file) || mapOf(file)) return false;
  asked.add(file);
  return true;
}

/** Uses the map of a file that came from a loader. */
export function useLoaderMap(file: string, json: string): void {
  try {
    if (json !== "") loaded.set(file, withPayload(JSON.parse(json) as SourceMapPayload, pathToFileURL(file), []));
  } catch {
    // The map is broken: the compiled position is reported.
  }
}

/** The text of a source, if a map contains it. */
export function carriedText(file: string): string | undefined {
  return carriedTexts.get(file);
}

function mapOf(file: string): LoadedMap | undefined {
  if (!loaded.has(file)) loaded.set(file, loadMap(file));
  return loaded.get(file);
}

function loadMap(file: string): LoadedMap | undefined {
  try {
    const text = readSource(file);
    const reference = [...text.matchAll(/\/[/*][#@]\s*sourceMappingURL=([^\s*]+)/g)].at(-1)?.[1];
    if (reference === undefined) return undefined;
    const fileUrl = pathToFileURL(file);
    const inlined = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(reference);
    const mapUrl = inlined ? fileUrl : new URL(reference, fileUrl);
    const json = inlined
      ? inlined[1] ? Buffer.from(inlined[2] ?? "", "base64").toString() : decodeURIComponent(inlined[2] ?? "")
      : readSource(fileURLToPath(mapUrl));
    const payload = JSON.parse(json) as SourceMapPayload;
    return withPayload(payload, mapUrl, text.split("\n"));
  } catch {
    // There is no file (eval, the scheme of a loader), no map, or a broken one: the compiled position is reported.
    return undefined;
  }
}

function withPayload(payload: SourceMapPayload, mapUrl: URL, lines: readonly string[]): LoadedMap {
  const root = payload.sourceRoot ? `${payload.sourceRoot.replace(/\/?$/, "/")}` : ".";
  return { map: new SourceMap(payload), payload, baseUrl: new URL(root, mapUrl).href, lines };
}

function resolveSource(source: string, baseUrl: string): string {
  try {
    const url = new URL(source, baseUrl);
    return url.protocol === "file:" ? fileURLToPath(url) : source;
  } catch {
    return source;
  }
}

function keepText(source: string, path: string, payload: SourceMapPayload): void {
  if (carriedTexts.has(path)) return;
  const index = payload.sources.indexOf(source);
  const text = index < 0 ? undefined : payload.sourcesContent?.[index];
  if (typeof text === "string") carriedTexts.set(path, text);
}
