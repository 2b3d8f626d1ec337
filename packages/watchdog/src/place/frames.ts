// Turns frames of V8 into frames of the sources: paths instead of URLs, source maps applied, and the origin
// of each file.
import { existsSync } from "node:fs";
import { isAbsolute, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { RawFrame } from "../protocol/messages.js";
import type { StackFrame } from "../protocol/stall.js";
import { originalPosition } from "./source-maps.js";

/** In a checkout, offloop's packages lie side by side in this folder and not in node_modules. Their files count as a dependency's too. */
const packagesFolder = resolve(fileURLToPath(import.meta.url), "../../../..") + sep;
const ownFile = /^(core|offloop|watchdog|workers)[\\/]dist[\\/]/;

/** Whether a file belongs to the program, to a dependency or to Node. */
export function originOf(file: string): StackFrame["origin"] {
  if (file === "" || file.startsWith("node:") || file.startsWith("evalmachine.")) return "node";
  if (file.startsWith("wasm:") || !hasSource(file)) return "dependency";
  return /[\\/]node_modules[\\/]/.test(file) || isOwn(file) ? "dependency" : "user";
}

/** Whether a name leads to a source. A relative one is the `sourceURL` of code that was made at run time, such as a compiled template. */
function hasSource(file: string): boolean {
  return isAbsolute(file) || /^([a-z][\w+.-]+:|\[|REPL)/i.test(file);
}

function isOwn(file: string): boolean {
  return file.startsWith(packagesFolder) && ownFile.test(file.slice(packagesFolder.length));
}

/** The path of a frame's file. URLs with a scheme other than `file:` stay as they are. */
export function pathOf(file: string): string {
  if (!file.startsWith("file:")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

/**
 * Describes frames as reports show them, at their places in the original sources. A frame of a bundle belongs to a
 * dependency if its source does. The sources of dependencies are often not shipped, and then the compiled position
 * is what a person can open.
 */
export function frameDescriber(): (raw: RawFrame) => StackFrame {
  const known = new Map<string, StackFrame>();
  return (raw) => {
    const key = `${raw.file}:${raw.line}:${raw.column}:${raw.function}:${raw.async}`;
    let frame = known.get(key);
    if (!frame) known.set(key, (frame = describeFrame(raw)));
    return frame;
  };
}

/** One frame; `frameDescriber()` is quicker for many. */
export function describeFrame(raw: RawFrame): StackFrame {
  const file = pathOf(raw.file);
  const compiled = originOf(file);
  const mapped = compiled === "node" || raw.mapped === true ? undefined : originalPosition(file, raw.line, raw.column);
  const position = compiled === "dependency" && mapped && !existsSync(mapped.file) ? undefined : mapped;
  return {
    file: position?.file ?? file,
    line: position?.line ?? raw.line,
    column: position?.column ?? raw.column,
    function: raw.function,
    origin: compiled === "user" && position ? originOf(position.file) : compiled,
    async: raw.async,
  };
}

/** The package of a dependency's frame, for advice; `undefined`: the frame is none of a dependency. */
export function packageOf({ file, origin }: StackFrame): string | undefined {
  if (origin !== "dependency") return undefined;
  return /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)(?!.*[\\/]node_modules[\\/])/.exec(file)?.[1]?.replace("\\", "/") ?? file;
}
