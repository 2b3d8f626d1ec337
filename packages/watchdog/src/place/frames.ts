// Turns frames of V8 into frames of the sources: paths instead of URLs, source maps applied, and the origin
// of each file.
import { fileURLToPath } from "node:url";
import type { RawFrame } from "../protocol/messages.js";
import type { StackFrame } from "../protocol/stall.js";
import { originalPosition } from "./source-maps.js";

/** In a checkout, offloop's packages lie side by side in this folder and not in node_modules. Their files count as a dependency's too. */
const packagesFolder = fileURLToPath(new URL("../../../", import.meta.url));
const ownFile = /^(core|offloop|watchdog|workers)[\\/]dist[\\/]/;

/** Whether a file belongs to the program, to a dependency or to Node. */
export function originOf(file: string): StackFrame["origin"] {
  if (file === "" || file.startsWith("node:") || file.startsWith("evalmachine.")) return "node";
  if (file.startsWith("wasm:")) return "dependency";
  return /[\\/]node_modules[\\/]/.test(file) || isOwn(file) ? "dependency" : "user";
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

/** A frame as reports show it, at its place in the original source. */
export function describeFrame(raw: RawFrame): StackFrame {
  const file = pathOf(raw.file);
  const origin = originOf(file);
  const position = origin === "node" || raw.mapped === true ? undefined : originalPosition(file, raw.line, raw.column);
  return {
    file: position?.file ?? file,
    line: position?.line ?? raw.line,
    column: position?.column ?? raw.column,
    function: raw.function,
    origin,
    async: raw.async,
  };
}
