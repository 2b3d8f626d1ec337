// Detects the program's entry module. To import it in a worker would run the program again, so its functions
// never travel by reference.
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

let entries: ReadonlySet<string> | undefined;

/** Whether `url` is the module with which this process, or this thread, was started. */
export function isEntryModule(url: string): boolean {
  entries ??= entryUrls();
  return entries.has(withoutQuery(url));
}

/** The module that Node finds from argv[1]: with or without extension, as a folder's index, or through a link. */
function entryUrls(): Set<string> {
  const [, argument] = process.argv;
  if (argument === undefined) return new Set();
  if (/^(file|data):/.test(argument)) return new Set([withoutQuery(argument)]);
  const paths = [argument];
  try {
    const resolved = createRequire(pathToFileURL(`${process.cwd()}/`)).resolve(argument);
    paths.push(resolved, realpathSync(resolved));
  } catch {
    // A name without a file, as with --eval, cannot be imported by mistake.
  }
  return new Set(paths.map((path) => pathToFileURL(path).href));
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
