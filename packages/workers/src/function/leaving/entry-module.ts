// Which module is the program itself. It cannot be imported in a worker, which would run the program
// again, so its functions never travel by reference.
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

let entries: ReadonlySet<string> | undefined;

/** Whether `url` is the module that this process, or this thread, was started with. */
export function isEntryModule(url: string): boolean {
  entries ??= entryUrls();
  return entries.has(withoutQuery(url));
}

/** As Node finds it from argv[1]: with or without extension, a folder's index, or through a link. */
function entryUrls(): Set<string> {
  const [, argument] = process.argv;
  if (argument === undefined) return new Set();
  if (/^(file|data):/.test(argument)) return new Set([withoutQuery(argument)]);
  const paths = [argument];
  try {
    const resolved = createRequire(pathToFileURL(`${process.cwd()}/`)).resolve(argument);
    paths.push(resolved, realpathSync(resolved));
  } catch {
    // A name that is no file, as with --eval: nothing to import by accident.
  }
  return new Set(paths.map((path) => pathToFileURL(path).href));
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
