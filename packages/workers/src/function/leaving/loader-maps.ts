// The source maps of files that a loader compiled in memory, as tsx does. Only this process has loaded them. A program
// that travels brings them, so that a watchdog on the other side names the lines of the sources.
import { fileURLToPath } from "node:url";
import type { FunctionCode, FunctionProgram } from "../../protocol/function-payload.js";

const known = new Map<string, string | undefined>();

/** The map of each script that the other side cannot find itself, with the first function of that script; `undefined`: there is none. */
export function loaderMaps(functions: readonly FunctionCode[]): FunctionProgram["maps"] {
  if (!process.sourceMapsEnabled) return undefined;
  const maps = functions.flatMap(({ url }, index): [number, string][] => {
    if (functions.findIndex((each) => each.url === url) < index) return [];
    if (!known.has(url)) known.set(url, loaderMap(url));
    const map = known.get(url);
    return map === undefined ? [] : [[index, map]];
  });
  return maps.length === 0 ? undefined : maps;
}

function loaderMap(url: string): string | undefined {
  const map = process.getBuiltinModule("node:module").findSourceMap(url);
  return map === undefined || namesItsMap(url) ? undefined : JSON.stringify(map.payload);
}

/** Whether the file itself says where its map is. */
function namesItsMap(url: string): boolean {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(fileURLToPath(url), "utf8").includes("sourceMappingURL=");
  } catch {
    return false; // there is no such file
  }
}
